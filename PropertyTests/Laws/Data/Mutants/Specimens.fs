namespace Hybrid.PropertyTests.Laws.Data.Mutants

open System
open System.Collections.Generic
open System.IO
open System.IO.Compression
open System.IO.Hashing
open System.Runtime.InteropServices
open System.Text
open Hybrid.Data.Cache
open Hybrid.Data.Formats
open Hybrid.Data.Images
open Hybrid.Models.Weights
open Hybrid.PropertyTests.Laws.Data
open Hybrid.PropertyTests.Laws.Data.Formats
open TorchSharp

/// What a format could tell of damage.
type Guard =
    /// Checksums over all values: what is read without an error is what was written.
    | Values
    /// Lengths: what is read has the shape that was written.
    | Shape
    /// Neither, as of text: any number may become another one.
    | Nothing

/// A small file of a format, and how it is read: its shapes and its values as texts. Values is a hash.
[<Sealed>]
type Specimen(name: string, ending: string, guard: Guard, bytes: byte[], read: string -> struct (string * string)) =
    member _.Name = name
    member _.Ending = ending
    member _.Guard = guard
    member _.Bytes = bytes
    member _.Read(path: string) = read path

/// One file of each format, with what readers branch on in it.
[<RequireQualifiedAccess>]
module Specimens =
    let private hash (bytes: byte[]) = (XxHash3.HashToUInt64(ReadOnlySpan bytes)).ToString "x16"
    let private shapeOf (array: NdArray) = $"{array.ElementType.Name} {Shape.describe (Seq.toArray array.Shape)}"
    let private valuesOf (array: NdArray) = array.ToDoubles() |> Array.collect BitConverter.GetBytes
    let private arrays (all: seq<string * NdArray>) =
        let all = Seq.toArray all
        struct (String.Join("; ", all |> Array.map (fun (name, array) -> $"{name}: {shapeOf array}")),
                hash (all |> Array.collect (fun (_, array) -> valuesOf array)))

    /// What a writer makes, as bytes.
    let private written (ending: string) (write: string -> unit) : byte[] =
        use folder = new ScratchFolder()
        let path = folder.File("specimen" + ending)
        write path
        File.ReadAllBytes path

    let private gzip = FitsBytes.gzip
    let private random = Random 7
    let private counts = NdArray<int16>([| 24; 20 |], Array.init 480 (fun _ -> int16 (random.Next 2000)))
    let private reals = NdArray<float32>([| 6; 5; 4 |], Array.init 120 (fun _ -> random.NextSingle()))

    let private image (name: string) (guard: Guard) (bytes: byte[]) (hdu: int) =
        Specimen(name, (if name.EndsWith ".gz" then ".fits.gz" else ".fits"), guard, bytes, fun path ->
            use file = FitsFile.Open(path, verifyChecksums = true)
            let image = file.ReadImage hdu
            // What was passed over is in the warnings: such a file was not read in silence.
            let (struct (shape, values)) = arrays [ "image", image.Pixels ]
            struct ((if image.Warnings.Count > 0 then "warned" else shape), values))

    let private fits =
        let compressed compression = written ".fits" (fun path -> Fits.WriteImage(path, FitsImage(counts, [||]), compression))

        let plain =
            FitsBytes.hdu (FitsBytes.image 16 [ 12; 10 ] @ [ FitsBytes.card "BSCALE" "2.0"; FitsBytes.card "BZERO" "1.0" ])
                (FitsBytes.int16s [ for _ in 1..120 -> int16 (random.Next 900) ])

        [ image "FITS" Nothing plain 0
          image "FITS with checksums" Values (compressed FitsCompression.None) 0
          image "FITS.gz" Values (gzip plain) 0
          for compression in [ FitsCompression.Rice; FitsCompression.Gzip; FitsCompression.HCompress; FitsCompression.Plio ] do
              image $"FITS, {compression}" Values (compressed compression) 1 ]

    let private fitsTable =
        let bytes =
            FitsBytes.table "BINTABLE" 24 5 0 4
                [ FitsBytes.card "TTYPE1" "'id      '"; FitsBytes.card "TFORM1" "'1J      '"; FitsBytes.card "TNULL1" -1
                  FitsBytes.card "TTYPE2" "'flux    '"; FitsBytes.card "TFORM2" "'2E      '"
                  FitsBytes.card "TTYPE3" "'name    '"; FitsBytes.card "TFORM3" "'8A      '"
                  FitsBytes.card "TTYPE4" "'bits    '"; FitsBytes.card "TFORM4" "'4B      '" ]
                (Array.concat [ for i in 0..4 -> Array.concat [ FitsBytes.int32s [ i ]; FitsBytes.singles [ float32 i; 2f ];
                                                               FitsBytes.text 8 $"row {i}"; [| 1uy; 2uy; 3uy; 4uy |] ] ])

        Specimen("FITS table", ".fits", Nothing, bytes, fun path ->
            let table = Fits.ReadTable(path, 1)
            struct ($"{table.RowCount} rows of {table.Columns.Count}", ""))

    let private png (name: string) (pixels: NdArray) =
        Specimen(name, ".png", Values, written ".png" (fun path -> Png.Write(path, pixels)), fun path -> arrays [ "image", Png.Read path ])

    let private npy =
        Specimen("npy", ".npy", Shape, written ".npy" (fun path -> Npy.Write(path, reals)), fun path ->
            let (struct (shape, values)) = arrays [ "array", Npy.Read path ]
            // Another type of the same size, or the other order of the axes, is a text that is as good.
            struct (shape.Substring(shape.IndexOf '('), values))

    let private npz =
        let bytes compress =
            written ".npz" (fun path ->
                Npz.Write(path, [ KeyValuePair("reals", reals :> NdArray); KeyValuePair("counts", counts :> NdArray) ], compress))

        [ for compress in [ false; true ] do
              Specimen((if compress then "npz, deflated" else "npz"), ".npz", Values, bytes compress, fun path ->
                  let read = Npz.Read path
                  // An entry under another name, or that is left out by name, is not another value.
                  if read.Unread.Count > 0 then struct ("named", "named")
                  else arrays [ for name in read.Keys |> Seq.sortBy (fun name -> -read[name].Shape.Count) -> "array", read[name] ]) ]

    let private tfRecord =
        let features (i: int) =
            [| KeyValuePair("x", TfFeature.OfSingles(ReadOnlySpan [| float32 i; 2f; 3f |]))
               KeyValuePair("id", TfFeature.OfIntegers [| int64 i |]) |]

        let bytes =
            written ".tfrecords" (fun path ->
                let folder = nonNull (Path.GetDirectoryName path)

                do
                    use writer = new TfRecordWriter(folder, "a")
                    for i in 0..5 do
                        writer.Write(ReadOnlySpan(TfExample(features i).ToBytes()))

                File.Move(Path.Combine(folder, "a_00000.tfrecords"), path))

        let read path =
            let payloads = TfRecordFile.Read(path: string) |> Seq.toArray
            for payload in payloads do TfExample.Parse payload |> ignore
            struct ($"{payloads.Length} records", String.Join(' ', payloads |> Array.map hash))

        [ Specimen("TFRecord", ".tfrecords", Values, bytes, read); Specimen("TFRecord.gz", ".tfrecords", Values, gzip bytes, read) ]

    let private csv =
        let text = String.Join('\n', [ "id,x,name"; yield! [ for i in 0..20 -> $"{i},{float i / 7.0:R},\"a {i}\"" ] ]) + "\n"

        let read path =
            let table = Catalogue.Read path
            struct ($"{table.Count} rows", hash (Encoding.UTF8.GetBytes(String.Join('|', Seq.collect table.Texts table.Names))))

        [ Specimen("CSV", ".csv", Nothing, Encoding.UTF8.GetBytes text, read)
          Specimen("CSV.gz", ".csv.gz", Values, gzip (Encoding.UTF8.GetBytes text), read) ]

    let private sed =
        let text =
            String.Join('\n',
                [ "   1  matched source   77.35819    5.69315  99"
                  " Frequency     nufnu     nufnu unc.  nufnu unc. start time   end time   Flag  Catalog     Reference"
                  "    Hz       erg/cm2/s     upper       lower        MJD         MJD"
                  String('-', 60)
                  for i in 0..30 do
                      $" {1e9 * 2.0 ** float i:E3}  2.000E-14  3.000E-14  1.000E-14  55000.0  55000.5  Det  NVSS  Giommi" ])

        let bytes = Encoding.UTF8.GetBytes text

        let zip =
            written ".zip" (fun path ->
                use zip = ZipFile.Open(path, ZipArchiveMode.Create)
                for name in [ "a.txt"; "b.txt" ] do
                    use entry = zip.CreateEntry(name).Open()
                    entry.Write(ReadOnlySpan bytes))

        [ Specimen("SED", ".txt", Nothing, bytes, fun path ->
              let sed = SedFile.Read path
              struct ($"{sed.Points.Count} points", ""))
          Specimen("SED zip", ".zip", Values, zip, fun path ->
              let set = SedFile.ReadAll path
              let numbers = [| for sed in set.Seds do for point in sed.Points do yield! [| point.FrequencyHz; point.Flux |] |]
              // A file of the zip that is damaged is named beside the others.
              if set.Broken.Count > 0 then struct ("named", "named")
              else struct ($"{set.Seds.Count} SEDs", hash (numbers |> Array.collect BitConverter.GetBytes))) ]

    let private rows =
        CacheRows
            [| CacheValues.Tensor("image", reals)
               CacheValues.Integers("label", Array.init 6 int64)
               CacheValues.Texts("file", Array.init 6 (fun i -> $"a {i}.fits"))
               CacheValues.Reals("energy", Array.init 6 float)
               CacheValues.Logicals("good", Array.init 6 (fun i -> i % 2 = 0)) |]

    let private parquet =
        let table =
            CacheRows
                [| CacheValues.Integers("label", Array.init 40 int64)
                   CacheValues.Texts("file", Array.init 40 (fun i -> $"a {i % 5}.fits"))
                   CacheValues.Reals("energy", Array.init 40 float) |]

        Specimen("Parquet", ".parquet", Nothing, written ".parquet" (fun path -> ParquetTable.Write(path, table)), fun path ->
            let pieces = ParquetFile.ReadPieces path |> Seq.toArray
            let columns = if pieces.Length > 0 then pieces[0].Columns.Count else 0
            struct ($"{pieces |> Array.sumBy _.Count} rows of {columns}", ""))

    /// A shard beside its manifest, which says the shard's length: what has another length is refused for that.
    let private cache (compress: bool) =
        let folder = Directory.CreateTempSubdirectory("hybrid-mutants-").FullName
        AppDomain.CurrentDomain.ProcessExit.Add(fun _ -> if Directory.Exists folder then Directory.Delete(folder, true))

        let place =
            let options = CacheOptions(RowsPerGroup = 3, Compress = compress)
            use built = Cache.GetOrBuild(folder, CacheRecipe $"mutants {compress}", (fun () -> [ rows ]), options)
            built.Folder

        let shard = Path.Combine(place, "part-00000.parquet")

        Specimen((if compress then "cache, zstd" else "cache"), ".parquet", Values, File.ReadAllBytes shard, fun path ->
            File.Copy(path, shard, true)
            use cache = Cache.Open place
            let read = Array.zeroCreate<float32> (cache.Count * 20)
            cache.ReadTensors("image", ReadOnlySpan(Array.init cache.Count id), read.AsSpan())
            let kept = cache.Where "label >= 0"

            let all =
                [| yield! MemoryMarshal.AsBytes(read.AsSpan()).ToArray()
                   for label in cache.Integers "label" do yield! BitConverter.GetBytes label
                   for energy in kept.Reals "energy" do yield! BitConverter.GetBytes energy
                   for good in cache.Logicals "good" do (if good then 1uy else 0uy)
                   for file in cache.Texts "file" do yield! Encoding.UTF8.GetBytes file |]

            struct ($"{cache.Count} rows", hash all))

    let private tensors (all: seq<KeyValuePair<string, torch.Tensor>>) =
        let all = all |> Seq.map (fun pair -> pair.Key, string pair.Value.dtype, List.ofArray pair.Value.shape,
                                              pair.Value.contiguous().bytes.ToArray()) |> Seq.toArray

        struct (String.Join("; ", all |> Array.map (fun (_, dtype, shape, _) -> $"{dtype} {shape}")),
                hash (all |> Array.collect (fun (_, _, _, bytes) -> bytes)))

    let private weights =
        let state () =
            torch.manual_seed 3L |> ignore
            dict [ "a.weight", torch.randn(12L, 7L); "b", torch.ones(5L); "steps", torch.tensor 7L ] |> Dictionary

        let safetensors =
            written ".safetensors" (fun path ->
                use _ = torch.NewDisposeScope()
                Safetensors.Save(path, state (), dict [ "by", "hybrid" ] |> Dictionary))

        let dat =
            written ".dat" (fun path ->
                use network = torch.nn.Linear(7L, 12L)
                WeightFile.Save(network, path))

        let pth = File.ReadAllBytes(Path.Combine(AppContext.BaseDirectory, "pth_cases.pth"))

        [ Specimen("safetensors", ".safetensors", Values, safetensors, fun path ->
              use file = Safetensors.Load path
              tensors file.Tensors)
          Specimen(".dat", ".dat", Shape, dat, fun path ->
              use network = torch.nn.Linear(7L, 12L)
              WeightFile.Load(network, path) |> ignore
              struct ("loaded", ""))
          Specimen(".pth", ".pth", Nothing, pth, fun path ->
              use _ = torch.NewDisposeScope()
              use file = PthFile.Load path
              struct ($"{file.Root.Tensors.Count} tensors", "")) ]

    let private archive =
        let bytes = written ".zip" (fun path ->
            use zip = ZipFile.Open(path, ZipArchiveMode.Create)
            for name in [ "a/1.png"; "a/2.png"; "b.csv" ] do
                use entry = zip.CreateEntry(name).Open()
                entry.Write(ReadOnlySpan(Array.init 300 byte)))

        Specimen("archive", ".zip", Nothing, bytes, fun path ->
            use folder = new ScratchFolder()
            let into = folder.File "out"
            Archive.Unpack(path, into) |> ignore
            let files = Directory.GetFiles(into, "*", SearchOption.AllDirectories)
            struct ($"{files.Length} files", ""))

    /// All of them; those of weights need libtorch.
    let all: Lazy<Specimen list> =
        lazy
            (fits
             @ [ fitsTable
                 png "PNG" (NdArray<byte>([| 20; 16 |], Array.init 320 (fun i -> byte (i * 7))))
                 png "PNG, 16 bits RGB" (NdArray<uint16>([| 9; 7; 3 |], Array.init 189 (fun i -> uint16 (i * 311))))
                 npy ]
             @ npz
             @ tfRecord
             @ csv
             @ sed
             @ [ parquet; cache false; cache true; archive ]
             @ weights)
