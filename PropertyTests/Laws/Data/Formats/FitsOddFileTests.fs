/// Files as they come from telescopes, archives and old programs. What astropy 5.2.1 and fitsio 1.1.8 (CFITSIO 4.2) read right is read
/// the same here; where they differ, or lose bits or nulls, what the standard says.
module Hybrid.PropertyTests.Laws.Data.Formats.FitsOddFileTests

open System
open System.IO
open System.Text
open Xunit
open Hybrid.Data.Formats
open Hybrid.PropertyTests.Laws.Data

let private write (folder: ScratchFolder) (bytes: byte[]) : string =
    let path = folder.File "a.fits"
    File.WriteAllBytes(path, bytes)
    path

let private readImage (cards: string list) (data: byte[]) : FitsImage =
    use folder = new ScratchFolder()
    Fits.ReadImage(write folder (FitsBytes.hdu cards data))

let private readTable (bytes: byte[]) : FitsTable =
    use folder = new ScratchFolder()
    Fits.ReadTable(write folder bytes, 1)

let private error (action: unit -> unit) : string = Assert.Throws<InvalidDataException>(action).Message
let private card name value = FitsBytes.card name value

// ---- presence is not value ----

[<Theory>]
[<InlineData("BLANK   =")>]
[<InlineData("BLANK   =                      / none")>]
[<InlineData("BLANK")>]
[<InlineData("COMMENT = BLANK = 0")>]
[<InlineData("HISTORY BLANK   =                    0")>]
[<InlineData("BSCALE  =")>]
[<InlineData("BZERO   =                      / nothing")>]
let ``a keyword without a value changes nothing`` (keyword: string) =
    for bitpix, data in [ 8, [| 0uy; 1uy |]; 16, FitsBytes.int16s [ 0s; 1s ]; 32, FitsBytes.int32s [ 0; 1 ];
                          64, FitsBytes.int64s [ 0L; 1L ] ] do
        let image = readImage (FitsBytes.image bitpix [ 2 ] @ [ keyword ]) data
        let plain = readImage (FitsBytes.image bitpix [ 2 ]) data
        Assert.Equal(plain.Pixels.ElementType, image.Pixels.ElementType)
        Assert.Equal<float>([| 0.0; 1.0 |], image.Pixels.ToDoubles())

[<Fact>]
let ``the shared file whose BLANK has no value has no blank pixels`` () =
    let image = Fits.ReadImage(SharedData.path "../cases/F46_blank_undefined.fits")
    Assert.Equal(typeof<int16>, image.Pixels.ElementType)

[<Theory>]
[<InlineData("BLANK", "'abc'", "an integer, got 'abc'")>]
[<InlineData("BLANK", "1.5", "an integer, got '1.5'")>]
[<InlineData("BLANK", "T", "an integer, got 'T'")>]
[<InlineData("BSCALE", "1E999", "a finite number, got '1E999'")>]
[<InlineData("BSCALE", "-1.0D400", "a finite number, got '-1.0D400'")>]
[<InlineData("BSCALE", "inf", "a finite number, got 'inf'")>]
[<InlineData("BSCALE", "-Infinity", "a finite number, got '-Infinity'")>]
[<InlineData("BZERO", "NaN", "a finite number, got 'NaN'")>]
[<InlineData("BZERO", "1,5", "a finite number, got '1,5'")>]
[<InlineData("BSCALE", "'2.0'", "a finite number, got '2.0'")>]
[<InlineData("BZERO", "0x10", "a finite number, got '0x10'")>]
let ``a keyword whose value is not a number is refused with it`` (name: string, value: string, expected: string) =
    let message = error (fun () -> readImage (FitsBytes.image 16 [ 2 ] @ [ card name value ]) [| 0uy; 1uy; 0uy; 2uy |] |> ignore)
    Assert.EndsWith($"HDU 0, keyword {name}: expected {expected}", message)

[<Fact>]
let ``whole numbers keep every bit through BZERO and BSCALE`` () =
    let large = 9007199254740993L
    let image zero = readImage (FitsBytes.image 64 [ 3 ] @ [ card "BZERO" zero ]) (FitsBytes.int64s [ large; -large; 5L ])
    Assert.Equal<int64>([| large + 1L; -large + 1L; 6L |], (image "1").Pixels.As<int64>().Values)
    Assert.Equal<int64>([| large - 7L; -large - 7L; -2L |], (image "-7.0").Pixels.As<int64>().Values)
    // Beyond the signed integers the unsigned ones hold them, and beyond both nothing does: doubles.
    let most = Int64.MaxValue
    let edge = readImage (FitsBytes.image 64 [ 2 ] @ [ card "BZERO" 1 ]) (FitsBytes.int64s [ most; 3L ])
    Assert.Equal<uint64>([| 9223372036854775808UL; 4UL |], edge.Pixels.As<uint64>().Values)
    let both = readImage (FitsBytes.image 64 [ 2 ] @ [ card "BZERO" 1 ]) (FitsBytes.int64s [ most; -3L ])
    Assert.Equal<float>([| 9223372036854775808.0; -2.0 |], both.Pixels.As<float>().Values)
    let shifted = readImage (FitsBytes.image 32 [ 2 ] @ [ card "BZERO" 10 ]) (FitsBytes.int32s [ Int32.MaxValue; 0 ])
    Assert.Equal<int64>([| 2147483657L; 10L |], shifted.Pixels.As<int64>().Values)
    let scaled = readImage (FitsBytes.image 16 [ 2 ] @ [ card "BSCALE" 3; card "BZERO" 1 ]) (FitsBytes.int16s [ 30000s; -2s ])
    Assert.Equal<int>([| 90001; -5 |], scaled.Pixels.As<int>().Values)

[<Fact>]
let ``unsigned and signed types by BZERO are exact at both ends`` () =
    let read bitpix zero data = (readImage (FitsBytes.image bitpix [ 2 ] @ [ card "BZERO" zero ]) data).Pixels
    Assert.Equal<sbyte>([| -128y; 127y |], (read 8 "-128" [| 0uy; 255uy |]).As<sbyte>().Values)
    Assert.Equal<uint16>([| 0us; 65535us |], (read 16 "32768" (FitsBytes.int16s [ Int16.MinValue; Int16.MaxValue ])).As<uint16>().Values)
    Assert.Equal<uint32>([| 0u; UInt32.MaxValue |],
                         (read 32 "2147483648.0" (FitsBytes.int32s [ Int32.MinValue; Int32.MaxValue ])).As<uint32>().Values)
    let wide = read 64 "9223372036854775808" (FitsBytes.int64s [ Int64.MinValue; Int64.MaxValue ])
    Assert.Equal<uint64>([| 0UL; UInt64.MaxValue |], wide.As<uint64>().Values)

[<Fact>]
let ``a blank among whole numbers that no double holds is refused, and without a blank they stay whole`` () =
    let large = 9007199254740993L
    let cards = FitsBytes.image 64 [ 2 ] @ [ card "BLANK" -1 ]
    Assert.Equal<int64>([| large; 2L |], (readImage cards (FitsBytes.int64s [ large; 2L ])).Pixels.As<int64>().Values)
    Assert.Equal<float>([| nan; 2.0 |], (readImage cards (FitsBytes.int64s [ -1L; 2L ])).Pixels.As<float>().Values)
    let message = error (fun () -> readImage cards (FitsBytes.int64s [ large; -1L ]) |> ignore)
    Assert.EndsWith("expected whole numbers up to 2⁵³ beside nulls, which make them doubles, got 9007199254740993: no double holds it",
                    message)

[<Fact>]
let ``BLANK means the stored number, and nothing in an image of reals`` () =
    let scaled = FitsBytes.image 16 [ 3 ] @ [ card "BLANK" 7; card "BSCALE" "0.5"; card "BZERO" 1 ]
    Assert.Equal<float32>([| 1f; nanf; 5f |], (readImage scaled (FitsBytes.int16s [ 0s; 7s; 8s ])).Pixels.As<float32>().Values)
    let bytes = FitsBytes.image 8 [ 3 ] @ [ card "BLANK" 255 ]
    Assert.Equal<float32>([| 0f; 254f; nanf |], (readImage bytes [| 0uy; 254uy; 255uy |]).Pixels.As<float32>().Values)
    let reals = readImage (FitsBytes.image -32 [ 2 ] @ [ card "BLANK" 0 ]) (FitsBytes.singles [ 0f; 2f ])
    Assert.Equal<float32>([| 0f; 2f |], reals.Pixels.As<float32>().Values)

// ---- what other tools read ----

[<Fact>]
let ``bytes after the last HDU are passed over with a warning`` () =
    use folder = new ScratchFolder()
    let image = FitsBytes.hdu (FitsBytes.image 8 [ 4; 1 ]) [| 1uy; 2uy; 3uy; 4uy |]
    let whole = Array.append image (FitsBytes.hdu [ "XTENSION= 'IMAGE   '"; card "BITPIX" 8; card "NAXIS" 1; card "NAXIS1" 1;
                                                    card "PCOUNT" 0; card "GCOUNT" 1 ] [| 9uy |])

    for tail in
        [ Array.zeroCreate<byte> 1
          Array.zeroCreate<byte> 512
          Array.zeroCreate<byte> 2880
          Array.zeroCreate<byte> 28800
          Array.create 2880 (byte ' ')
          Array.create 100 255uy
          Encoding.ASCII.GetBytes "\n"
          Encoding.ASCII.GetBytes "this is not a FITS block"
          Array.init 5000 (fun i -> byte (i * 7))
          FitsBytes.empty ] do
        let path = write folder (Array.append image tail)
        let read = Fits.ReadImage path
        Assert.Equal<byte>([| 1uy; 2uy; 3uy; 4uy |], read.Pixels.As<byte>().Values)
        Assert.Equal<string>([ $"byte 5760: {tail.Length} bytes follow the last HDU and belong to none" ], read.Warnings)
        use file = FitsFile.Open path
        Assert.Equal(1, file.Hdus.Count)
        let path = write folder (Array.append whole tail)
        use file = FitsFile.Open path
        Assert.Equal(2, file.Hdus.Count)
        Assert.Empty((file.ReadImage 0).Warnings)
        Assert.Single((file.ReadImage 1).Warnings) |> ignore

[<Fact>]
let ``padding that is not zero and a keyword of a dropped axis are passed over with a warning`` () =
    use folder = new ScratchFolder()

    for filler in [ byte ' '; 255uy; 7uy ] do
        let read = Fits.ReadImage(write folder (FitsBytes.hduPadded filler (FitsBytes.image 16 [ 1; 2 ]) (FitsBytes.int16s [ 3s; 4s ])))
        Assert.Equal<int16>([| 3s; 4s |], read.Pixels.As<int16>().Values)
        Assert.Equal<string>([ $"byte 2884: the image is padded with the byte {filler}, not with zeros" ], read.Warnings)

    for n in [ 0; 1; 3; 99 ] do
        let read = readImage (FitsBytes.image 16 [ 1; 2 ] @ [ card "NAXIS3" n ]) (FitsBytes.int16s [ 3s; 4s ])
        Assert.Equal<int>([ 2; 1 ], read.Pixels.Shape)
        Assert.Equal<string>([ "NAXIS is 2: the keyword NAXIS3 beside it was passed over" ], read.Warnings)

[<Fact>]
let ``a set is the same whichever of its odd files comes first`` () =
    use folder = new ScratchFolder()
    let image = FitsBytes.image 16 [ 2; 2 ]
    let data = FitsBytes.int16s [ 1s; 2s; 3s; 4s ]

    let files =
        [ FitsBytes.hdu image data
          FitsBytes.hduPadded (byte ' ') image data
          Array.append (FitsBytes.hdu image data) (Array.zeroCreate 2880)
          FitsBytes.hdu (image @ [ card "NAXIS3" 5 ]) data
          // Two rows of which the header gives one: refused as damaged, wherever it stands.
          FitsBytes.hdu (FitsBytes.image 16 [ 2; 1 ]) data
          // Another shape with bytes after it: readable, and not what the set is.
          Array.append (FitsBytes.hdu (FitsBytes.image 16 [ 1; 1 ]) (FitsBytes.int16s [ 1s ])) [| 1uy |] ]

    let paths =
        files
        |> List.mapi (fun i bytes ->
            let path = folder.File $"{i}.fits"
            File.WriteAllBytes(path, bytes)
            path)
        |> List.toArray

    for turn in 0 .. paths.Length - 1 do
        let order = Array.append paths[turn..] paths[.. turn - 1]
        let set = FitsSet.Load(order, FitsSetOptions(Broken = BrokenFilePolicy.LeaveOut))
        let name (path: string) = Path.GetFileNameWithoutExtension path |> string
        Assert.Equal<int>([ 4; 2; 2 ], set.Pixels.Shape)
        Assert.Equal<string>([ "4"; "5" ], set.Broken |> Seq.map (fun f -> name f.Path) |> Seq.sort)
        Assert.Equal<string>([ "1"; "2"; "3" ], set.Warnings |> Seq.map (fun w -> name w.Path) |> Seq.sort)
        Assert.All(set.Warnings, fun w -> Assert.Equal(order[w.Index], w.Path))

// ---- headers ----

[<Fact>]
let ``commentary has no value, whatever stands in it, and HIERARCH names keep their blanks`` () =
    let image =
        readImage
            (FitsBytes.image 8 [ 1 ]
             @ [ "COMMENT = 'not a value'"
                 "HISTORY = 5"
                 "        = 6"
                 "COMMENT " + String('x', 72)
                 "HIERARCH ESO TEL AIRM START = 1.25 / air mass"
                 "HIERARCH ESO DET CHIP1 ID= 'CCD-44'"
                 "HIERARCH  key.with.dots = T"
                 "HIERARCH no value here"
                 "HIERARCH ESO COUNT = 12345678901234567 / large"
                 "HIERARCH lower case = -3 / a=b"
                 "OBJECT  = 'it''s / here' / c"
                 "LONG    = 'one &'"
                 "CONTINUE  'two&'"
                 "CONTINUE  ' three' / end"
                 "EXPTIME = 1.5D3"
                 "EMPTY   =" ])
            [| 1uy |]

    let find name = image.Keywords |> Seq.find (fun k -> k.Name = name)
    Assert.Equal(4, image.Keywords |> Seq.filter (fun k -> k.Kind = FitsValueKind.Commentary && k.Name <> "HIERARCH") |> Seq.length)
    Assert.Equal("= 'not a value'", (find "COMMENT").Text)
    Assert.Equal(1.25, (find "ESO TEL AIRM START").Real)
    Assert.Equal("air mass", (find "ESO TEL AIRM START").Comment)
    Assert.Equal("CCD-44", (find "ESO DET CHIP1 ID").Text)
    Assert.True((find "key.with.dots").Logical)
    Assert.Equal(FitsValueKind.Commentary, (find "HIERARCH").Kind)
    Assert.Equal(12345678901234567L, (find "ESO COUNT").Integer)
    Assert.Equal(-3L, (find "lower case").Integer)
    Assert.Equal("it's / here", (find "OBJECT").Text)
    Assert.Equal("one two three", (find "LONG").Text)
    Assert.Equal(1500.0, (find "EXPTIME").Real)
    Assert.Equal(FitsValueKind.Undefined, (find "EMPTY").Kind)

[<Fact>]
let ``a comment of more than 80 characters comes back whole in its parts`` () =
    use folder = new ScratchFolder()
    let path = folder.File "c.fits"
    let long = String.Join(' ', [ for i in 1..60 -> $"word{i}" ])

    for name in [ "COMMENT"; "HISTORY" ] do
        Fits.WriteImage(path, FitsImage(NdArray<byte>([| 1 |], [| 1uy |]), [| FitsKeyword.OfCommentary(name, long) |]))
        let parts = (Fits.ReadImage path).Keywords |> Seq.filter (fun k -> k.Name = name && not (k.Text.Contains "FITS \
            (Flex" || k.Text.Contains "Astrophysics")) |> Seq.map _.Text
        let squeeze (text: string) = text.Replace(" ", "")
        Assert.Equal(squeeze long, squeeze (String.Join("", parts)))

    // The comment of a value has the rest of its card: the value never gives way to it.
    Fits.WriteImage(path, FitsImage(NdArray<byte>([| 1 |], [| 1uy |]), [| FitsKeyword.OfReal("GAIN", 1.5, long) |]))
    let gain = (Fits.ReadImage path).Keywords |> Seq.find (fun k -> k.Name = "GAIN")
    Assert.Equal(1.5, gain.Real)
    Assert.StartsWith(gain.Comment, long)

[<Fact>]
let ``a name that a header cannot hold is refused when it is written`` () =
    use folder = new ScratchFolder()
    
    let message name =
        let image = FitsImage(NdArray<byte>([| 1 |], [| 1uy |]), [| FitsKeyword.OfInteger(name, 1L) |])
        Assert.Throws<ArgumentException>(fun () -> Fits.WriteImage(folder.File "n.fits", image)).Message

    Assert.Equal("keyword 'A=B LONGER': expected a name without '=', which ends it in a header.", message "A=B LONGER")
    Assert.Equal("keyword 'A=B': expected letters, digits, - and _ only.", message "A=B")

// ---- checksums ----

[<Fact>]
let ``a checksum that was never computed is not damage, and one that does not fit is`` () =
    use folder = new ScratchFolder()
    let path = folder.File "s.fits"

    let read (keywords: string list) =
        File.WriteAllBytes(path, FitsBytes.hdu (FitsBytes.image 8 [ 1 ] @ keywords) [| 1uy |])
        use file = FitsFile.Open(path, true)
        (file.ReadImage 0).Warnings

    for text in [ "0"; "0000000000000000" ] do
        Assert.Equal<string>([ $"CHECKSUM is '{text}', which is not a sum: it was not verified" ], read [ $"CHECKSUM= '{text}'" ])

    Assert.Equal<string>([ "CHECKSUM is 'abc', expected 16 characters: it was not verified" ], read [ "CHECKSUM= 'abc'" ])
    Assert.Empty(read [ "CHECKSUM= ''" ])
    Assert.Empty(read [ "CHECKSUM=" ])
    Assert.Empty(read [ "DATASUM = ''" ])
    Assert.Empty(read [ "DATASUM =" ])
    Assert.Empty(read [ "DATASUM = '16777216'" ])
    Assert.Empty(read [ card "DATASUM" 16777216 ])
    Assert.Contains("DATASUM says 0, the data's sum is 16777216", error (fun () -> read [ "DATASUM = '0'" ] |> ignore))
    Assert.Contains("CHECKSUM does not fit", error (fun () -> read [ "CHECKSUM= 'abcdefghijklmnop'" ] |> ignore))

// ---- tables: one rule for nulls ----

let private column (form: string) (more: string list) (data: byte[]) (rows: int) =
    readTable (FitsBytes.table "BINTABLE" (data.Length / rows) rows 0 1 ([ "TTYPE1  = 'X'"; $"TFORM1  = '{form}'" ] @ more) data)

[<Fact>]
let ``integer columns of every width have NaN where TNULL says, and stay integers without a value for it`` () =
    let forms =
        [ "B", [| 0uy; 1uy; 99uy |], typeof<byte>
          "I", FitsBytes.int16s [ 0s; 1s; 99s ], typeof<int16>
          "J", FitsBytes.int32s [ 0; 1; 99 ], typeof<int>
          "K", FitsBytes.int64s [ 0L; 1L; 99L ], typeof<int64> ]

    for form, data, kind in forms do
        for keyword in [ "TNULL1  ="; "TNULL1  =       / none"; "TNULL1"; "COMMENT TNULL1" ] do
            let values = nonNull (column form [ keyword ] data 3).["X"].Values
            Assert.Equal(kind, values.ElementType)
            Assert.Equal<float>([| 0.0; 1.0; 99.0 |], values.ToDoubles())

        let values = nonNull (column form [ card "TNULL1" 99 ] data 3).["X"].Values
        Assert.Equal<float>([| 0.0; 1.0; nan |], values.As<float>().Values)
        let scaled = nonNull (column form [ card "TNULL1" 99; card "TSCAL1" "0.5"; card "TZERO1" 10 ] data 3).["X"].Values
        Assert.Equal<float>([| 10.0; 10.5; nan |], scaled.As<float>().Values)

[<Fact>]
let ``64-bit columns keep every bit, and are unreadable where a null would take it`` () =
    let large = 9007199254740993L
    let read keywords values = column "K" keywords (FitsBytes.int64s values) (List.length values)
    Assert.Equal<int64>([| large; 1L |], ((nonNull (read [ card "TNULL1" -1 ] [ large; 1L ]).["X"].Values).As<int64>()).Values)
    Assert.Equal<int64>([| large + 1L; 2L |], ((nonNull (read [ card "TZERO1" 1 ] [ large; 1L ]).["X"].Values).As<int64>()).Values)
    let unsigned = read [ card "TZERO1" "9223372036854775808" ] [ Int64.MaxValue; Int64.MinValue ]
    Assert.Equal<uint64>([| UInt64.MaxValue; 0UL |], ((nonNull unsigned["X"].Values).As<uint64>()).Values)
    let table = read [ card "TNULL1" -1 ] [ large; -1L ]
    Assert.Empty table.Columns
    Assert.Equal("column 'X': expected whole numbers up to 2⁵³ beside nulls, which make them doubles, got 9007199254740993: no double \
        holds it", string table.Unread[0])
    Assert.Contains("column 'X': expected whole numbers", error (fun () -> table["X"] |> ignore))

[<Fact>]
let ``logicals with nulls are 1, 0 and NaN`` () =
    Assert.Equal<bool>([| true; false |], ((nonNull (column "L" [] "TF"B 2).["X"].Values).As<bool>()).Values)
    Assert.Equal<float>([| 1.0; nan; 0.0; nan |], ((nonNull (column "L" [] [| 'T'B; 0uy; 'F'B; ' 'B |] 4).["X"].Values).As<float>()).Values)
    Assert.Equal("column 'X': value 1: expected T, F or nothing, got the byte 49", string (column "L" [] "T1"B 2).Unread[0])

[<Fact>]
let ``lists of unsigned integers of every width are read to their largest`` () =
    let list form zero (data: byte[]) size =
        let bytes = Array.concat [ FitsBytes.int32s [ 2; 0; 1; size ]; data ]
        let table = readTable (FitsBytes.table "BINTABLE" 8 2 data.Length 1 [ "TTYPE1  = 'X'"; $"TFORM1  = \
            '1P{form}(2)'"; card "TZERO1" zero ] bytes)
        [ for one in nonNull table["X"].Lists -> one ]

    let wide = list "K" "9223372036854775808" (FitsBytes.int64s [ Int64.MinValue; Int64.MaxValue ]) 8
    Assert.Equal<uint64>([| 0UL; UInt64.MaxValue |], wide[0].As<uint64>().Values)
    Assert.Equal<uint64>([| UInt64.MaxValue |], wide[1].As<uint64>().Values)
    let middle = list "J" "2147483648" (FitsBytes.int32s [ Int32.MinValue; Int32.MaxValue ]) 4
    Assert.Equal<uint32>([| UInt32.MaxValue |], middle[1].As<uint32>().Values)
    let narrow = list "I" "32768" (FitsBytes.int16s [ Int16.MinValue; Int16.MaxValue ]) 2
    Assert.Equal<uint16>([| UInt16.MaxValue |], narrow[1].As<uint16>().Values)
    let signed = list "B" "-128" [| 0uy; 255uy |] 1
    Assert.Equal<sbyte>([| -128y; 127y |], signed[0].As<sbyte>().Values)

/// An ASCII table of one field of a form over rows of its width.
let private ascii (form: string) (keywords: string list) (rows: string list) =
    let width = form.Substring(1).Split('.')[0] |> int
    let data = rows |> List.map (FitsBytes.text width) |> Array.concat
    readTable (FitsBytes.table "TABLE" width rows.Length 0 1 ([ "TTYPE1  = 'X'"; card "TBCOL1" 1; $"TFORM1  = '{form}'" ] @ keywords) data)

[<Fact>]
let ``ASCII tables have NaN where the field is TNULL, in reals and integers`` () =
    let values form keywords rows = (nonNull (ascii form keywords rows).["X"].Values).ToDoubles()

    for form in [ "F6.2"; "E6.2"; "D6.2" ] do
        Assert.Equal<float>([| 1.25; nan; -3.0 |], values form [ "TNULL1  = '---'" ] [ "  1.25"; "   ---"; "-3.0  " ])

    Assert.Equal<float>([| 12.0; nan |], values "I6" [ "TNULL1  = '---'" ] [ "    12"; " ---  " ])
    Assert.Equal<float>([| 12.0; nan |], values "I6" [ card "TNULL1" -99 ] [ "    12"; "   -99" ])
    Assert.Equal<float>([| 1.5; nan |], values "F6.2" [ "TNULL1  = ''" ] [ "   1.5"; "      " ])
    Assert.Equal<float>([| 1.5; nan |], values "F6.2" [ "TNULL1  = 'NULL'" ] [ "   1.5"; "NULL  " ])
    Assert.Equal<float>([| 31.0; nan |], values "F6.2" [ "TNULL1  = '---'"; card "TSCAL1" 2; card "TZERO1" 28 ] [ "   1.5"; "---" ])
    // The standard: a blank field is 0 unless TNULL says otherwise, and so for both other readers.
    Assert.Equal<float>([| 1.5; 0.0 |], values "F6.2" [] [ "   1.5"; "      " ])
    Assert.Equal<float>([| 1.5; 0.0 |], values "F6.2" [ "TNULL1  =" ] [ "   1.5"; "      " ])
    Assert.Equal<string>([ "abc"; ""; "d e" ], nonNull (ascii "A4" [ "TNULL1  = '---'" ] [ "abc "; "--- "; "d e" ]).["X"].Texts)

[<Fact>]
let ``ASCII numbers are read as Fortran writes them`` () =
    let values form rows = (nonNull (ascii form [] rows).["X"].Values).ToDoubles()
    Assert.Equal<float>([| 1500.0; -0.015; 1500.0; 1.5 |], values "D8.2" [ "1.5D+03"; "-1.5D-02"; "1.5+3"; "+1.5" ])
    // An implicit decimal point stands before the last digits that the form names.
    Assert.Equal<float>([| 12.34; 12.34; 1.0 |], values "F8.2" [ "1234"; "12.34"; "1." ])
    Assert.Equal<int64>([| 9007199254740993L; -1L |],
                        ((nonNull (ascii "I16" [] [ "9007199254740993"; "-1" ]).["X"].Values).As<int64>()).Values)
    Assert.Equal("column 'X': row 1: expected a number, got '1,5'", string (ascii "F6.2" [] [ "1.5"; "1,5" ]).Unread[0])
    Assert.Equal("column 'X': row 0: expected a whole number, got '1.5'", string (ascii "I6" [] [ "1.5" ]).Unread[0])
    Assert.Equal("column 'X': row 0: expected a number, got 'inf'", string (ascii "E6.2" [] [ "inf" ]).Unread[0])

// ---- one odd column does not block the rest ----

[<Fact>]
let ``columns of several strings are read, and odd ones are named beside those that can be read`` () =
    let row (id: int) = Array.concat [ FitsBytes.int32s [ id ]; "ab  cd  "B; "xxyyzz"B; [| 0uy; 0uy; 0uy; 0uy |]; "T"B ]

    let table =
        readTable (
            FitsBytes.table
                "BINTABLE"
                23
                2
                0
                5
                [ "TTYPE1  = 'ID'"
                  "TFORM1  = 'J'"
                  "TTYPE2  = 'NAMES'"
                  "TFORM2  = '8A4'"
                  "TTYPE3  = 'CODES'"
                  "TFORM3  = '6A'"
                  "TDIM3   = '(2,3)'"
                  "TTYPE4  = 'ODD'"
                  "TFORM4  = '1J'"
                  "TSCAL4  = 'two'"
                  "TTYPE5  = 'FLAG'"
                  "TFORM5  = 'L'" ]
                (Array.append (row 1) (row 2))
        )

    Assert.Equal<string>([ "ID"; "NAMES"; "CODES"; "FLAG" ], table.Columns |> Seq.map _.Name)
    Assert.Equal<float>([| 1.0; 2.0 |], (nonNull table["ID"].Values).ToDoubles())
    let textList (name: string) (row: int) =
        let lists = nonNull table[name].TextLists
        lists[row]

    Assert.Equal<string>([ "ab"; "cd" ], textList "NAMES" 1)
    Assert.Equal<string>([ "xx"; "yy"; "zz" ], textList "CODES" 0)
    let problem = Assert.Single table.Unread
    Assert.Equal("ODD", problem.Name)
    Assert.EndsWith("keyword TSCAL4: expected a finite number, got 'two'", problem.Reason)

[<Fact>]
let ``texts, flags and bits of variable length are read`` () =
    let heap = Array.concat [ "hello"B; "TF"B; [| 0b10100000uy |] ]
    let rows = FitsBytes.int32s [ 5; 0; 2; 5; 3; 7; 0; 0; 0; 0; 0; 0 ]

    let table =
        readTable (
            FitsBytes.table
                "BINTABLE"
                24
                2
                heap.Length
                3
                [ "TTYPE1  = 'T'"; "TFORM1  = 'PA(5)'"; "TTYPE2  = 'L'"; "TFORM2  = '1PL(2)'"; "TTYPE3  = 'X'"; "TFORM3  = '1PX(3)'" ]
                (Array.append rows heap)
        )

    let list (name: string) (row: int) : bool[] =
        let lists = nonNull table[name].Lists
        (lists[row].As<bool>()).Values

    Assert.Equal<string>([ "hello"; "" ], nonNull table["T"].Texts)
    Assert.Equal<bool>([| true; false |], list "L" 0)
    Assert.Equal<bool>([| true; false; true |], list "X" 0)
    Assert.Empty(list "X" 1)

[<Fact>]
let ``a small heap does not become a large table`` () =
    let heap = Array.zeroCreate<byte> 100_000
    let rows = FitsBytes.int32s [ for _ in 1..1000 do yield! [ 100_000; 0 ] ]
    let table = readTable (FitsBytes.table "BINTABLE" 8 1000 heap.Length 1 [ "TTYPE1  = 'X'"; "TFORM1  = '1PB'" ] (Array.append rows heap))
    Assert.Contains("its descriptors are damaged", table.Unread[0].Reason)

[<Fact>]
let ``a table with a leftover ZIMAGE is a table`` () =
    let table = column "J" [ card "ZIMAGE" "T" ] (FitsBytes.int32s [ 5 ]) 1
    Assert.Equal<float>([| 5.0 |], (nonNull table["X"].Values).ToDoubles())

// ---- tiles ----

[<Fact>]
let ``the shared file whose tile is larger than its place is refused`` () =
    use file = FitsFile.Open(SharedData.path "../cases/H1_znaxis1_24.fits.fz")
    let message = error (fun () -> file.ReadImage 1 |> ignore)
    Assert.Contains("an H-compressed tile of", message)

/// A compressed image with one card's value replaced, in the table's header.
let private patched (folder: ScratchFolder) (compression: FitsCompression) (name: string) (value: string) : string =
    let path = folder.File "z.fits"
    let pixels = NdArray<int16>([| 20; 64 |], Array.init 1280 (fun i -> int16 (40 + i % 5)))
    Fits.WriteImage(path, FitsImage pixels, compression)
    let bytes = File.ReadAllBytes path
    let at = bytes.AsSpan(2880).IndexOf(ReadOnlySpan(Encoding.ASCII.GetBytes(name.PadRight 8 + "=")))
    let text = if at >= 0 then 2880 + at else bytes.AsSpan(2880).IndexOf(ReadOnlySpan "HISTORY "B) + 2880

    if at >= 0 then
        FitsBytes.text 80 (FitsBytes.card name value) |> Array.truncate 80 |> fun card -> card.CopyTo(bytes, text)
    else
        // No such card: it takes the place of the END card, which moves on.
        let ending = 2880 + bytes.AsSpan(2880).IndexOf(ReadOnlySpan(FitsBytes.text 80 "END"))
        (FitsBytes.text 80 (FitsBytes.card name value) |> Array.truncate 80).CopyTo(bytes, ending)
        (FitsBytes.text 80 "END").CopyTo(bytes, ending + 80)

    File.WriteAllBytes(path, bytes)
    path

[<Fact>]
let ``sizes that a damaged header gives to tiles never reach the native decoder`` () =
    use folder = new ScratchFolder()

    for compression in [ FitsCompression.HCompress; FitsCompression.Rice; FitsCompression.Gzip; FitsCompression.Plio ] do
        for name, value in
            [ "ZNAXIS1", "24"
              "ZNAXIS1", "63"
              "ZNAXIS1", "65"
              "ZNAXIS2", "19"
              "ZNAXIS2", "7"
              "ZTILE1", "63"
              "ZTILE2", "3"
              "ZTILE1", "1000"
              "ZBLANK", String('a', 50)
              "ZBLANK", $"'{String('b', 50)}'"
              "ZSCALE", String('c', 60)
              "ZCMPTYPE", "5"
              "ZVAL1", String('d', 50)
              "ZBITPIX", "T"
              "ZNAXIS", "'2'" ] do
            let path = patched folder compression name value

            try
                use file = FitsFile.Open path
                let image = file.ReadImage 1
                // What is read has the shape that the header says: a tile larger than the image is cut by none but its own size.
                Assert.Equal<int>(file[1].Shape, image.Pixels.Shape)
            with :? InvalidDataException as e ->
                Assert.StartsWith(path, e.Message)

    let letters = patched folder FitsCompression.Rice "ZBLANK" (String('a', 50))
    use file = FitsFile.Open letters
    Assert.Equal($"{letters}, HDU 1, keyword ZBLANK: expected an integer, got '{String('a', 40)}…': the file is damaged",
                 error (fun () -> file.ReadImage 1 |> ignore))

[<Fact>]
let ``a tile that has another one's bytes is refused`` () =
    use folder = new ScratchFolder()
    let path = folder.File "t.fits"
    // Noise of 64 rows: several tiles.
    let random = Random 3
    Fits.WriteImage(path, FitsImage(NdArray<int16>([| 64; 512 |], Array.init 32768 (fun _ -> int16 (random.Next 200)))),
                    FitsCompression.Rice)
    let bytes = File.ReadAllBytes path

    let data =
        use file = FitsFile.Open path
        Assert.True(file[1].Header["NAXIS2"].Integer > 1L)
        int file[1].DataOffset

    bytes.AsSpan(data, 8).CopyTo(bytes.AsSpan(data + 8, 8))
    File.WriteAllBytes(path, bytes)
    use file = FitsFile.Open path
    Assert.Contains("within the one before it", error (fun () -> file.ReadImage 1 |> ignore))

// ---- compressed files ----

[<Fact>]
let ``a .gz takes memory for its HDUs, not for what follows them`` () =
    use folder = new ScratchFolder()
    let path = folder.File "a.fits.gz"
    let image = FitsBytes.hdu (FitsBytes.image -32 [ 7 ]) (FitsBytes.singles [ 1f; 2f; 3f; 4f; 5f; 6f; 7f ])

    // Sixty-four megabytes of zeros, three times: more than is looked at.
    do
        use target = new Compression.GZipStream(File.Create path, Compression.CompressionLevel.Fastest)
        target.Write(ReadOnlySpan image)
        let zeros = Array.zeroCreate<byte> (1 <<< 20)

        for _ in 1..192 do
            target.Write(ReadOnlySpan zeros)

    let before = GC.GetAllocatedBytesForCurrentThread()
    let read = Fits.ReadImage path
    let taken = GC.GetAllocatedBytesForCurrentThread() - before
    Assert.Equal<float32>([| 1f .. 7f |], read.Pixels.As<float32>().Values)
    Assert.Equal<string>([ "byte 5760: bytes follow the last HDU and belong to none" ], read.Warnings)
    Assert.InRange(taken, 0L, 4L <<< 20)

[<Fact>]
let ``a .gz whose header claims more than it holds takes no more than it could hold`` () =
    use folder = new ScratchFolder()
    let path = folder.File "b.fits.gz"
    File.WriteAllBytes(path, FitsBytes.gzip (FitsBytes.hdu (FitsBytes.image -64 [ 20000; 10000 ]) (Array.zeroCreate 100)))
    let before = GC.GetAllocatedBytesForCurrentThread()
    let message = error (fun () -> Fits.ReadImage path |> ignore)
    Assert.Contains("declares 1600000000 bytes of data", message)
    Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0L, 8L <<< 20)

[<Fact>]
let ``a .gz of several HDUs is read as the file is, and damage in it is noticed`` () =
    use folder = new ScratchFolder()
    let plain = folder.File "c.fits"
    let packed = plain + ".gz"
    let pixels i = NdArray<int16>([| 30; 50 |], Array.init 1500 (fun k -> int16 (k * i)))
    Fits.WriteImages(plain, [| for i in 1..3 -> FitsImage(pixels i) |])
    let content = FitsBytes.gzip (File.ReadAllBytes plain)
    File.WriteAllBytes(packed, content)

    for hdu in 0..2 do
        Assert.Equal<int16>((pixels (hdu + 1)).Values, ((Fits.ReadImage(packed, hdu)).Pixels.As<int16>()).Values)

    // The last eight bytes are the checksum and the length of all.
    File.WriteAllBytes(packed, Damage.flip content (content.Length - 6) 1uy)
    Assert.Contains("damaged .gz", error (fun () -> Fits.ReadImage packed |> ignore))
