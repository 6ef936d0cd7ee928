/// Situations of public bug reports of astropy, fitsio, CFITSIO, numpy, PNG, TensorFlow, Arrow, safetensors, PyTorch and VizieR users,
/// made again: what is read is right, or refused with a reason.
module Hybrid.PropertyTests.Laws.Data.Formats.PublicBugTests

open System
open System.Diagnostics
open System.Formats.Tar
open System.IO
open System.IO.Compression
open System.Text
open System.Threading.Tasks
open Xunit
open Hybrid.Data.Cache
open Hybrid.Data.Formats
open Hybrid.Models.Weights
open Hybrid.PropertyTests.Laws.Data

let private error (action: unit -> unit) : string = Assert.Throws<InvalidDataException>(action).Message
let private card name value = FitsBytes.card name value

let private write (folder: ScratchFolder) (name: string) (bytes: byte[]) : string =
    let path = folder.File name
    File.WriteAllBytes(path, bytes)
    path

// ---- named pipes ----

/// Every reader, by the ending of what it reads.
let private readers: (string * (string -> unit)) list =
    [ ".npy", fun path -> Npy.Read path |> ignore
      ".npy", fun path -> (NpyRows.Open path :> IDisposable).Dispose()
      ".npz", fun path -> Npz.Read path |> ignore
      ".png", fun path -> Png.Read path |> ignore
      ".fits", fun path -> Fits.ReadImage path |> ignore
      ".fits", fun path -> Fits.ReadTable(path, 1) |> ignore
      ".csv", fun path -> Catalogue.Read path |> ignore
      ".txt", fun path -> SedFile.Read path |> ignore
      ".tfrecords", fun path -> TfRecordFile.Read path |> Seq.iter ignore
      ".parquet", fun path -> ParquetFile.ReadPieces path |> Seq.iter ignore
      ".parquet", fun path -> ParquetFile.Unread path |> ignore
      ".zip", fun path -> Archive.Unpack(path, path + ".unpacked") |> ignore
      ".safetensors", fun path -> (Safetensors.Load path).Dispose()
      ".pth", fun path -> (PthFile.Load path).Dispose()
      ".dat", fun path ->
          use network = TorchSharp.torch.nn.Linear(1L, 1L)
          WeightFile.Load(network, path) |> ignore ]

[<Fact>]
let ``no reader waits for a named pipe`` () =
    if OperatingSystem.IsWindows() then
        Assert.Skip "makes a pipe by mkfifo"

    use folder = new ScratchFolder()

    for i, (ending, read) in List.indexed readers do
        let path = folder.File $"pipe-{i}{ending}"
        use made = Process.Start("mkfifo", path)
        made.WaitForExit()
        let reading = Task.Run(fun () -> try read path; "read" with e -> e.Message)
        Assert.True(reading.Wait 20_000, $"{ending}, reader {i}: it waits for the pipe")
        Assert.Equal($"{path}: expected a file, got a named pipe.", reading.Result)

[<Fact>]
let ``a pipe among SEDs is named and does not keep the others`` () =
    if OperatingSystem.IsWindows() then
        Assert.Skip "makes a pipe by mkfifo"

    use folder = new ScratchFolder()
    let path = folder.File "pipe.txt"
    use made = Process.Start("mkfifo", path)
    made.WaitForExit()
    let reading = Task.Run(fun () -> SedFile.ReadAll path)
    Assert.True(reading.Wait 20_000, "it waits for the pipe")
    Assert.Contains("expected a file, got a named pipe", string reading.Result.Broken[0])

// ---- numbers ----

[<Theory>]
[<InlineData("12\000")>]
[<InlineData("12\000\000\000")>]
[<InlineData("\000")>]
[<InlineData("1\0002")>]
let ``zeros of a hole in a text are not the end of a number`` (cell: string) =
    use folder = new ScratchFolder()
    let path = write folder "a.csv" (Encoding.UTF8.GetBytes $"id,x\n1,{cell}\n")
    let message = error (fun () -> Catalogue.Read path |> ignore)
    Assert.Equal($"{path}, line 2: expected text, got a byte of zero: the file is damaged, or not text", message)
    Assert.Contains("line 2: expected text", error (fun () -> Catalogue.ReadMatrix(path, CatalogueLayout.Csv) |> ignore))

[<Fact>]
let ``UTF-16 without its mark is not a table of other columns`` () =
    use folder = new ScratchFolder()
    let path = write folder "a.csv" (Encoding.Unicode.GetBytes "id,x\n1,2\n")
    Assert.Contains("line 1: expected text, got a byte of zero", error (fun () -> Catalogue.Read path |> ignore))
    let marked = write folder "b.csv" (Array.append (Encoding.Unicode.GetPreamble()) (Encoding.Unicode.GetBytes "id,x\n1,2\n"))
    Assert.Equal<float>([| 2.0 |], (Catalogue.Read marked).Reals "x")

[<Theory>]
[<InlineData("5\000\000", "NAXIS1")>]
[<InlineData("16\000", "BITPIX")>]
let ``zeros in a header's number do not shorten it`` (value: string) (name: string) =
    use folder = new ScratchFolder()
    let cards = FitsBytes.image 16 [ 50 ] |> List.map (fun c -> if c.StartsWith name then card name value else c)
    let path = write folder "a.fits" (FitsBytes.hdu cards (Array.zeroCreate 100))
    Assert.Contains($"{name}: expected an integer", error (fun () -> Fits.ReadImage path |> ignore))

[<Theory>]
[<InlineData("1.5e3", 1500.0)>]
[<InlineData("1.5d-3", 0.0015)>]
[<InlineData("-2.5E+02", -250.0)>]
[<InlineData("+7", 7.0)>]
[<InlineData(".5", 0.5)>]
let ``an ASCII table's reals are read as Fortran and C write them`` (cell: string) (expected: float) =
    use folder = new ScratchFolder()
    let cards = [ card "TBCOL1" 1; card "TFORM1" "'F10     '"; card "TTYPE1" "'x       '" ]
    let path = write folder "a.fits" (FitsBytes.table "TABLE" 10 1 0 1 cards (FitsBytes.text 10 cell))
    Assert.Equal<float>([| expected |], (nonNull (Fits.ReadTable(path, 1)["x"]).Values).ToDoubles())

// ---- FITS ----

[<Fact>]
let ``of two columns of one name neither is given by it`` () =
    use folder = new ScratchFolder()

    let cards =
        [ for i in 1..3 do
              card $"TFORM{i}" "'1J      '"
              card $"TTYPE{i}" (if i = 2 then "'y       '" else "'X       '") ]

    let path = write folder "a.fits" (FitsBytes.table "BINTABLE" 12 1 0 3 cards (FitsBytes.int32s [ 1; 2; 3 ]))
    let table = Fits.ReadTable(path, 1)
    Assert.Equal<float>([| 2.0 |], (nonNull table["Y"].Values).ToDoubles())
    Assert.Equal(3, table.Columns.Count)
    let message = error (fun () -> table["x"] |> ignore)
    Assert.EndsWith("expected one column 'x', got columns 1, 3 of that name: take them by their place in Columns", message)

[<Fact>]
let ``zeros after a gzip member, as tapes and tar leave them, are not part of it`` () =
    use folder = new ScratchFolder()
    let bytes = FitsBytes.hdu (FitsBytes.image 16 [ 2 ]) (FitsBytes.int16s [ 1s; 2s ])
    let path = write folder "a.fits.gz" (Array.append (FitsBytes.gzip bytes) (Array.zeroCreate 512))

    Assert.Equal<float>([| 1.0; 2.0 |], (Fits.ReadImage path).Pixels.ToDoubles())

[<Fact>]
let ``a .fits.gz of two members is one file`` () =
    use folder = new ScratchFolder()
    let bytes = FitsBytes.hdu (FitsBytes.image 16 [ 2 ]) (FitsBytes.int16s [ 1s; 2s ])
    let path = write folder "a.fits.gz" (Array.append (FitsBytes.gzip bytes[..2879]) (FitsBytes.gzip bytes[2880..]))
    Assert.Equal<float>([| 1.0; 2.0 |], (Fits.ReadImage path).Pixels.ToDoubles())

[<Theory>]
[<InlineData("BITPIX", "-16")>]
[<InlineData("BITPIX", "12")>]
[<InlineData("NAXIS", "-1")>]
[<InlineData("NAXIS1", "-5")>]
[<InlineData("NAXIS1", "1E2")>]
[<InlineData("NAXIS1", "'10'")>]
[<InlineData("NAXIS1", "99999999999999999999")>]
[<InlineData("NAXIS", "2")>]
let ``a structure keyword that cannot be is refused with its name`` (name: string) (value: string) =
    use folder = new ScratchFolder()
    let cards = FitsBytes.image 16 [ 10 ] |> List.map (fun c -> if c.StartsWith(name.PadRight 8) then card name value else c)
    let path = write folder "a.fits" (FitsBytes.hdu cards (Array.zeroCreate 20))
    let message = error (fun () -> Fits.ReadImage path |> ignore)
    Assert.StartsWith(path, message)
    Assert.Contains("NAXIS", message.Replace("BITPIX", "NAXIS"))

[<Fact>]
let ``an unsigned column, a signed byte column and a scaled one keep every bit`` () =
    use folder = new ScratchFolder()

    let cards =
        [ card "TFORM1" "'1K      '"; card "TTYPE1" "'id      '"; card "TZERO1" "9223372036854775808"
          card "TFORM2" "'1B      '"; card "TTYPE2" "'small   '"; card "TZERO2" "-128"
          card "TFORM3" "'1I      '"; card "TTYPE3" "'count   '"; card "TZERO3" "32768" ]

    let row = Array.concat [ FitsBytes.int64s [ 1L ]; [| 0uy |]; FitsBytes.int16s [ -32768s ] ]
    let path = write folder "a.fits" (FitsBytes.table "BINTABLE" 11 1 0 3 cards row)
    let table = Fits.ReadTable(path, 1)
    Assert.Equal<uint64>([| 9223372036854775809UL |], (nonNull table["id"].Values).As<uint64>().Values)
    Assert.Equal<sbyte>([| -128y |], (nonNull table["small"].Values).As<sbyte>().Values)
    Assert.Equal<uint16>([| 0us |], (nonNull table["count"].Values).As<uint16>().Values)

[<Fact>]
let ``a long text over CONTINUE cards, one of them empty, is whole`` () =
    use folder = new ScratchFolder()
    let cards = FitsBytes.image 8 [ 1 ] @ [ "WEATHER = 'cloudy &'"; "CONTINUE  '&'"; "CONTINUE  'with it''s rain' / seen"; card "AFTER" 3 ]
    let path = write folder "a.fits" (FitsBytes.hdu cards [| 1uy |])
    let image = Fits.ReadImage path
    let find name = image.Keywords |> Seq.find (fun k -> k.Name = name)
    Assert.Equal("cloudy with it's rain", (find "WEATHER").Text)
    Assert.Equal(3L, (find "AFTER").Integer)

// ---- .gz ----

[<Fact>]
let ``a .csv.gz that is cut off anywhere is refused, not shorter`` () =
    use folder = new ScratchFolder()
    let text = String.Join('\n', [ "id,x"; yield! [ for i in 0..400 -> $"{i},{i * i % 97}" ] ]) + "\n"

    let bytes = Encoding.UTF8.GetBytes text
    let stored = new MemoryStream()

    do
        use stream = new GZipStream(stored, CompressionLevel.NoCompression)
        stream.Write(ReadOnlySpan bytes)

    for name, packed in [ "one", FitsBytes.gzip bytes
                          "two", Array.append (FitsBytes.gzip bytes[..999]) (FitsBytes.gzip bytes[1000..])
                          "stored", stored.ToArray() ] do
        let path = write folder $"{name}.csv.gz" packed
        Assert.Equal(401, (Catalogue.Read path).Count)

        for length in 0 .. 7 .. packed.Length - 1 do
            let cut = write folder "cut.csv.gz" packed[.. length - 1]
            let message = error (fun () -> Catalogue.Read cut |> ignore)
            Assert.StartsWith(cut, message)

        for extra, reads in [ Array.zeroCreate 700, true; [| 1uy; 2uy; 3uy |], false; packed[..40], false ] do
            let longer = write folder "longer.csv.gz" (Array.append packed extra)

            if reads then
                Assert.Equal(401, (Catalogue.Read longer).Count)
            else
                Assert.StartsWith(longer, error (fun () -> Catalogue.Read longer |> ignore))

[<Fact>]
let ``compressed TFRecords and archives that are cut off between two records or entries are refused`` () =
    use folder = new ScratchFolder()

    do
        use writer = new TfRecordWriter(folder.Path, "r")

        for i in 0..9 do
            writer.Write(ReadOnlySpan [| byte i |])

    let plain = File.ReadAllBytes(folder.File "r_00000.tfrecords")
    let zlib = new MemoryStream()

    do
        use stream = new ZLibStream(zlib, CompressionLevel.Optimal, true)
        stream.Write(ReadOnlySpan plain)

    for packed in [ FitsBytes.gzip plain; zlib.ToArray() ] do
        Assert.Equal(10, TfRecordFile.Read(write folder "whole.tfrecords" packed) |> Seq.length)

        for length in 2 .. packed.Length - 1 do
            let cut = write folder "cut.tfrecords" packed[.. length - 1]
            Assert.StartsWith(cut, error (fun () -> TfRecordFile.Read cut |> Seq.length |> ignore))

    // Two files of a block each and their headers; then the empty blocks.
    let content = new MemoryStream()

    do
        use writer = new TarWriter(content, TarEntryFormat.Ustar, true)

        for name in [ "a.txt"; "b.txt" ] do
            writer.WriteEntry(UstarTarEntry(TarEntryType.RegularFile, name, DataStream = new MemoryStream("text"B)))

    let tar = content.ToArray()
    let packed = FitsBytes.gzip tar

    for ending, bytes in [ ".tar", tar[..1023]; ".tar", tar[..2047]; ".tar.gz", FitsBytes.gzip tar[..1023]; ".tar.gz", packed[..60] ] do
        let path = write folder ("cut" + ending) bytes
        Assert.StartsWith(path, error (fun () -> Archive.Unpack(path, folder.File "into") |> ignore))

    Archive.Unpack(write folder "whole.tar" tar, folder.File "into") |> ignore
    Assert.Equal(2, Directory.GetFiles(folder.File "into").Length)

// ---- numpy ----

let private npy (header: string) (data: byte[]) =
    let padded = header.PadRight((header.Length + 11 + 63) / 64 * 64 - 11) + "\n"
    let length = BitConverter.GetBytes(uint16 padded.Length)
    Array.concat [ [| 0x93uy; yield! "NUMPY"B; 1uy; 0uy |]; length; Encoding.Latin1.GetBytes padded; data ]

[<Fact>]
let ``truth values of any byte but zero are true, as to numpy`` () =
    use folder = new ScratchFolder()
    let bytes = npy "{'descr': '|b1', 'fortran_order': False, 'shape': (4,), }" [| 0uy; 1uy; 2uy; 255uy |]
    let read = (Npy.Read(write folder "a.npy" bytes)).As<bool>().Values
    Assert.Equal<bool>([| false; true; true; true |], read)
    Assert.Equal(3, read |> Array.filter ((=) true) |> Array.length)

[<Theory>]
[<InlineData("{'descr': '<f4', 'fortran_order': False, 'shape': (), }", "")>]
[<InlineData("{'descr': '<f4', 'fortran_order': True, 'shape': (2L, 2L), }", "2, 2")>]
[<InlineData("{\"descr\": \"<f4\", \"fortran_order\": False, \"shape\": (2, 2)}", "2, 2")>]
[<InlineData("{'shape': (4,), 'fortran_order': False, 'descr': 'float32'}", "4")>]
[<InlineData("{'descr': '<f4', 'fortran_order': False, 'shape': (0, 3), }", "0, 3")>]
let ``headers of old, other and hurried writers are read`` (header: string) (shape: string) =
    use folder = new ScratchFolder()
    let lengths = shape.Split([| ','; ' ' |], StringSplitOptions.RemoveEmptyEntries) |> Array.map int
    let read = Npy.Read(write folder "a.npy" (npy header (Array.zeroCreate (4 * Array.fold (*) 1 lengths))))
    Assert.Equal<int>(lengths, read.Shape)

[<Theory>]
[<InlineData("{'descr': '<f4', 'fortran_order': False, 'shape': (-1,), }")>]
[<InlineData("{'descr': '<f4', 'fortran_order': 0, 'shape': (1,), }")>]
[<InlineData("{'descr': '<f4', 'fortran_order': False, 'shape': (1,), 'shape': (1,), }")>]
[<InlineData("{'descr': '<f4', 'fortran_order': False, 'shape': (1.0,), }")>]
[<InlineData("{'descr': '<f4', 'fortran_order': False, 'shape': (4294967297,), }")>]
[<InlineData("{'descr': '<f4', 'fortran_order': False, 'shape': (1,), 'extra': 1}")>]
[<InlineData("{'descr': '<f4', 'fortran_order': False}")>]
[<InlineData("{'descr': '<f4', 'fortran_order': False, 'shape': (1,), } + exit()")>]
let ``a header that says something else is refused with its place`` (header: string) =
    use folder = new ScratchFolder()
    let path = write folder "a.npy" (npy header (Array.zeroCreate 4))
    Assert.StartsWith(path + ", byte ", error (fun () -> Npy.Read path |> ignore))

let private zip (folder: ScratchFolder) (name: string) (entries: (string * byte[]) list) =
    let path = folder.File name

    do
        use zip = ZipFile.Open(path, ZipArchiveMode.Create)

        for entry, content in entries do
            use stream = zip.CreateEntry(entry).Open()
            stream.Write(ReadOnlySpan content)

    path

let private one = npy "{'descr': '<f4', 'fortran_order': False, 'shape': (1,), }" (BitConverter.GetBytes 2.5f)

[<Fact>]
let ``a readme of an array's name does not keep the arrays from being read`` () =
    use folder = new ScratchFolder()

    for entries in [ [ "data.npy", one; "data", "a readme"B ]; [ "data", "a readme"B; "data.npy", one ] ] do
        let path = zip folder $"{Guid.NewGuid()}.npz" entries
        let read = Npz.Read path
        Assert.Equal<float>([| 2.5 |], read["data"].ToDoubles())
        Assert.Equal(1, read.Unread.Count)

    let twice = zip folder "twice.npz" [ "data.npy", one; "data.npy", one ]
    Assert.Equal($"{twice}, entry 'data.npy': the name occurs twice", error (fun () -> Npz.Read twice |> ignore))

[<Fact>]
let ``an entry of folders and a Mac's own are not arrays`` () =
    use folder = new ScratchFolder()
    let path = zip folder "a.npz" [ "sub/x.npy", one; "__MACOSX/._x.npy", "Mac"B; "y.npy", one ]

    match (try Ok(Npz.Read path) with :? InvalidDataException as e -> Error e.Message) with
    | Ok read -> Assert.Equal<float>([| 2.5 |], read["sub/x"].ToDoubles())
    | Error message -> Assert.Contains("__MACOSX/._x.npy", message)

// ---- SEDs ----

let private sed (position: string) (columns: string) (units: string) (rows: string list) =
    String.Join('\n', [ position; columns; units; String('-', 40) ] @ rows)

let private place = "   1  matched source   77.35819    5.69315  99"
let private columns = " Frequency nufnu nufnu_unc. nufnu_unc. start_time end_time Flag Catalog Reference"
let private units = "    Hz       erg/cm2/s     upper       lower        MJD         MJD"
let private row = " 1.0E+09  2.0E-14  3.0E-14  1.0E-14  55000 55000 Det A"

[<Theory>]
[<InlineData("erg/cm2/s", "10^-12 erg/cm2/s")>]
[<InlineData("erg/cm2/s", "1e-12 erg/cm2/s")>]
[<InlineData("Hz", "log(Hz)")>]
[<InlineData("Hz", "log10 Hz")>]
[<InlineData("Hz", "(GHz)")>]
[<InlineData("erg/cm2/s", "keV/cm2/s")>]
[<InlineData("erg/cm2/s", "[mJy]")>]
let ``a factor or another unit in the header is refused, not read as if it were not there`` (unit': string) (other: string) =
    let text = sed place columns (units.Replace(unit', other)) [ row ]
    let message = error (fun () -> SedFile.ParseText("x", text) |> ignore)
    Assert.StartsWith("x, line 3: expected frequencies in Hz and fluxes in erg/cm2/s, got the unit", message)

[<Theory>]
[<InlineData("nufnu Frequency upper lower start end Flag Catalog", "Frequency before nufnu")>]
[<InlineData("Frequency nufnu upper lower start end Catalog Flag", "Flag before Catalog")>]
let ``columns in another order are refused, not read by their places`` (names: string) (wanted: string) =
    let message = error (fun () -> SedFile.ParseText("x", sed place names units [ row ]) |> ignore)
    Assert.StartsWith($"x, line 2: expected the column {wanted}", message)

[<Theory>]
[<InlineData("5.3 5.69 9 1 2 3")>]
[<InlineData("11.5:04:27 +38:12:31")>]
[<InlineData("11:04.5:27 +38:12:31")>]
[<InlineData("11:60:27 +38:12:31")>]
[<InlineData("25:04:27 +38:12:31")>]
[<InlineData("11:04:27 +38:12:31:5")>]
let ``an angle in parts that are not whole is a problem, not a position`` (position: string) =
    let read = SedFile.ParseText("x", sed $" 1 matched source {position} 99" columns units [ row ])
    Assert.False(read.HasPosition, $"{read.RightAscension} {read.Declination}")
    Assert.StartsWith("line 1: ", string read.Problems[0])

[<Theory>]
[<InlineData("1.0D+09")>]
[<InlineData("1,0E+09")>]
[<InlineData("1.0E+09\000")>]
[<InlineData("...")>]
[<InlineData("nan")>]
[<InlineData("<1.0E+09")>]
let ``a frequency that is not a number is a problem with its line`` (cell: string) =
    let read = SedFile.ParseText("x", sed place columns units [ row.Replace("1.0E+09", cell); row ])
    Assert.Equal(1, read.Points.Count)
    Assert.StartsWith("line 5: column 'frequency': expected a finite number", string read.Problems[0])

// ---- TFRecord ----

let private records (folder: ScratchFolder) (examples: TfExample list) =
    use writer = new TfRecordWriter(folder.Path, "r")
    for example in examples do
        writer.Write(ReadOnlySpan(example.ToBytes()))
    folder.File "r_00000.tfrecords"

[<Fact>]
let ``simulations as a list of floats are simulations, and what is missing has its file and record`` () =
    use folder = new ScratchFolder()
    let listed = TfExample(dict [ "data", TfFeature.OfFloats [| 1f; 2f |] ] |> Seq.toArray)
    let raw = TfExample(dict [ "data", TfFeature.OfSingles(ReadOnlySpan [| 3f; 4f |]) ] |> Seq.toArray)
    let path = records folder [ listed; raw ]
    Assert.Equal<float32>([| 1f; 2f; 3f; 4f |], SimulationRecords.Read([| path |], [| 2 |]).Values)

    for features, why in [ dict [ "x", TfFeature.OfFloats [| 1f |] ], "has no feature 'data'"
                           dict [ "data", TfFeature.OfIntegers [| 1L |] ], "feature 'data': expected bytes or floats, got Integers"
                           dict [ "data", TfFeature.OfBytes [| [| 1uy; 2uy; 3uy |] |] ], "expected a whole number of 4-byte floats" ] do
        use other = new ScratchFolder()
        let good = TfExample(dict [ "data", TfFeature.OfFloats [| 1f |] ] |> Seq.toArray)
        let bad = records other [ good; TfExample(Seq.toArray features) ]
        let message = error (fun () -> SimulationRecords.Read([| bad |], [| 1 |]) |> ignore)
        Assert.StartsWith($"{bad}: record 1 of the file: ", message)
        Assert.Contains(why, message)

// ---- Parquet ----

let private table (folder: ScratchFolder) (columns: CacheValues list) =
    let path = folder.File "table.parquet"
    ParquetTable.Write(path, CacheRows columns)
    path

/// Every `before` in a file's bytes as `after`, which has the same length.
let private replace (path: string) (before: byte[]) (after: byte[]) =
    let bytes = File.ReadAllBytes path
    let mutable at = bytes.AsSpan().IndexOf(ReadOnlySpan before)
    Assert.True(at >= 0, "the bytes are not in the file")

    while at >= 0 do
        after.CopyTo(bytes, at)
        let next = bytes.AsSpan(at + 1).IndexOf(ReadOnlySpan before)
        at <- if next < 0 then -1 else at + 1 + next

    File.WriteAllBytes(path, bytes)

[<Fact>]
let ``columns that differ in their case alone do not block the rest, and each is read by its name`` () =
    use folder = new ScratchFolder()
    let path =
        table folder [ CacheValues.Integers("id", [| 1L |]); CacheValues.Reals("yd", [| 2.5 |]); CacheValues.Integers("n", [| 7L |]) ]

    replace path "\002yd"B "\002ID"B
    let rows = ParquetFile.ReadPieces path |> Seq.exactlyOne
    Assert.Equal<string>([ "id: Integer"; "n: Integer" ], rows.Columns |> Seq.map (fun c -> string c.Column))
    let reason = "another column has this name but for upper and lower case: ask for this one by its name"
    Assert.Equal($"column 'ID': {reason}", string rows.LeftOut[0])
    let asked = ParquetFile.ReadPieces(path, null, 10, [| "ID" |]) |> Seq.exactlyOne
    Assert.Equal("ID: Real", string asked.Columns[0].Column)

[<Fact>]
let ``a summary whose row groups are in other files is not read by their places`` () =
    use folder = new ScratchFolder()
    let path = table folder [ CacheValues.Integers("n", [| 7L; 8L |]) ]
    let bytes = File.ReadAllBytes path
    // The one column of the one row group, in Thrift's compact protocol: a list of one structure, whose field 2 comes first.
    let at = bytes.AsSpan().LastIndexOf(ReadOnlySpan [| 0x19uy; 0x1Cuy; 0x26uy |])
    Assert.True(at > 0, "the footer is written otherwise")
    // Field 1, the file's name, then field 2.
    let named = Array.concat [ bytes[.. at + 1]; [| 0x18uy; 1uy; byte 'b'; 0x16uy |]; bytes[at + 3 ..] ]
    let size = BitConverter.ToInt32(named, named.Length - 8)
    BitConverter.TryWriteBytes(named.AsSpan(named.Length - 8), size + 3) |> ignore
    File.WriteAllBytes(path, named)
    let message = error (fun () -> ParquetFile.ReadPieces path |> Seq.iter ignore)
    Assert.Equal($"{path}: not a readable Parquet file: its row group 0 is in another file, 'b': name that one", message)
