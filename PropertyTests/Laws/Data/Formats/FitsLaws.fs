module Hybrid.PropertyTests.Laws.Data.Formats.FitsLaws

open System
open System.Collections.Generic
open System.IO
open System.IO.Compression
open System.Runtime.InteropServices
open System.Text
open Xunit
open FsCheck
open FsCheck.FSharp
open Hybrid.Data.Formats
open Hybrid.PropertyTests
open Hybrid.PropertyTests.Laws.Data

/// Random bits as values, so that NaN payloads, −0 and subnormal numbers occur.
let private filled<'T when 'T: struct and 'T: (new: unit -> 'T) and 'T :> ValueType> (shape: int[]) (seed: int) : NdArray =
    let values = Array.zeroCreate<'T> (Array.fold (*) 1 shape)
    Random(seed).NextBytes(MemoryMarshal.AsBytes(values.AsSpan()))
    NdArray<'T>(shape, values)

/// Values that vary little from pixel to pixel.
let private smooth (convert: int -> 'T) (shape: int[]) (seed: int) : NdArray =
    let random = Random seed
    NdArray<'T>(shape, Array.init (Array.fold (*) 1 shape) (fun i -> convert (40 + i % 7 + random.Next 3)))

let private signed: (int[] -> int -> NdArray)[] =
    [| filled<byte>; filled<int16>; filled<int32>; filled<int64>; filled<float32>; filled<float> |]

let private makers =
    Array.append signed [| filled<sbyte>; filled<uint16>; filled<uint32>; filled<uint64> |]

let private bytes (array: NdArray) =
    match array with
    | :? NdArray<byte> as a -> a.Values
    | :? NdArray<sbyte> as a -> MemoryMarshal.AsBytes(ReadOnlySpan a.Values).ToArray()
    | :? NdArray<int16> as a -> MemoryMarshal.AsBytes(ReadOnlySpan a.Values).ToArray()
    | :? NdArray<uint16> as a -> MemoryMarshal.AsBytes(ReadOnlySpan a.Values).ToArray()
    | :? NdArray<int32> as a -> MemoryMarshal.AsBytes(ReadOnlySpan a.Values).ToArray()
    | :? NdArray<uint32> as a -> MemoryMarshal.AsBytes(ReadOnlySpan a.Values).ToArray()
    | :? NdArray<int64> as a -> MemoryMarshal.AsBytes(ReadOnlySpan a.Values).ToArray()
    | :? NdArray<uint64> as a -> MemoryMarshal.AsBytes(ReadOnlySpan a.Values).ToArray()
    | :? NdArray<float32> as a -> MemoryMarshal.AsBytes(ReadOnlySpan a.Values).ToArray()
    | :? NdArray<float> as a -> MemoryMarshal.AsBytes(ReadOnlySpan a.Values).ToArray()
    | other -> failwith $"no FITS pixel type: {other.ElementType}"

let private same (expected: NdArray) (actual: NdArray) =
    Assert.Equal<int>(expected.Shape, actual.Shape)
    Assert.Equal(expected.ElementType, actual.ElementType)
    Assert.True((bytes expected).AsSpan().SequenceEqual(ReadOnlySpan(bytes actual)), "the pixels differ")

let private imagesOf ranks sides (makers: (int[] -> int -> NdArray)[]) =
    gen {
        let! rank = Gen.choose ranks
        let! shape = Gen.arrayOfLength rank (Gen.choose sides)
        let! kind = Gen.choose (0, makers.Length - 1)
        let! seed = Gen.choose (0, Int32.MaxValue)
        return makers[kind] shape seed
    }

let private images = imagesOf (1, 4) (1, 12)

/// Large enough for CFITSIO to compress.
let private compressible = imagesOf (2, 3) (16, 24)

/// A file by hand: cards, END, padding, the data big-endian, padding.
let private file (cards: string list) (data: byte[]) =
    let pad (length: int) = (length + 2879) / 2880 * 2880
    let text = String.Join("", [ for c in cards @ [ "END" ] -> c.PadRight 80 ])
    let head = Encoding.ASCII.GetBytes(text.PadRight(pad text.Length))
    Array.concat [ head; data; Array.zeroCreate (pad data.Length - data.Length) ]

let private card (name: string) (value: obj) = $"{name, -8}= {value, 20}"

[<Fact>]
let ``an image written and read again is the same bit for bit, for every pixel type and shape`` () =
    use folder = new ScratchFolder()

    Check.One(
        Seeded.Cases 100,
        Prop.forAll (Arb.fromGen (images makers)) (fun image ->
            let path = folder.File "a.fits"
            Fits.WriteImage(path, FitsImage image)
            same image (Fits.ReadImage path).Pixels)
    )

/// Reals that are numbers: CFITSIO takes a NaN for a blank pixel.
let private reals (convert: float -> 'T) (shape: int[]) (seed: int) : NdArray =
    let random = Random seed
    NdArray<'T>(shape, Array.init (Array.fold (*) 1 shape) (fun _ -> convert (random.NextDouble() - 0.3)))

/// Every compression with the pixel types that it keeps bit for bit. Rice, pixel lists and H-compress take what has few bits: pixels
/// that they would make larger are refused.
let private compressed: (FitsCompression * string * (int[] -> int -> NdArray))[] =
    [| for compression in [ FitsCompression.Gzip; FitsCompression.GzipShuffled ] do
           compression, "byte", filled<byte>
           compression, "sbyte", filled<sbyte>
           compression, "int16", filled<int16>
           compression, "uint16", filled<uint16>
           compression, "int32", filled<int32>
           compression, "uint32", filled<uint32>
           compression, "float", reals float32
           compression, "double", reals id
       for compression in [ FitsCompression.Rice; FitsCompression.Plio; FitsCompression.HCompress ] do
           compression, "byte", smooth byte
           compression, "int16", smooth int16
           compression, "uint16", smooth uint16
           compression, "int32", smooth int32
       for compression in [ FitsCompression.Rice; FitsCompression.HCompress ] do
           compression, "sbyte", smooth sbyte
           compression, "negative int16", smooth (fun v -> int16 (v - 200))
           compression, "negative int32", smooth (fun v -> v - 100_000)
           compression, "uint32", smooth uint32 |]

let private compressionCode (compression: FitsCompression) =
    match compression with
    | FitsCompression.Rice -> "RICE_1"
    | FitsCompression.Gzip -> "GZIP_1"
    | FitsCompression.GzipShuffled -> "GZIP_2"
    | FitsCompression.Plio -> "PLIO_1"
    | _ -> "HCOMPRESS_1"

let private comesBack (path: string) (compression: FitsCompression) (image: NdArray) =
    Fits.WriteImage(path, FitsImage image, compression)
    use file = FitsFile.Open(path, true)
    Assert.Equal(FitsHduKind.CompressedImage, file[1].Kind)
    Assert.Equal(compressionCode compression, file[1].Header["ZCMPTYPE"].Text)
    same image (file.ReadImage(1, image.Shape)).Pixels

[<Fact>]
let ``every compression keeps every pixel type that it takes, in images and cubes`` () =
    use folder = new ScratchFolder()
    let path = folder.File "b.fits"

    for compression, name, make in compressed do
        for shape in [ [| 20; 17 |]; [| 70; 33 |]; [| 3; 18; 16 |] ] do
            try
                comesBack path compression (make shape 5)
            with e ->
                Assert.Fail $"{compression} of {name}, shape {Shape.describe shape}: {e.Message}"

[<Fact>]
let ``a tile-compressed image written and read again is the same bit for bit`` () =
    use folder = new ScratchFolder()

    let cases =
        gen {
            let! compression, _, make = Gen.elements compressed
            let! image = compressible [| make |]
            return compression, image
        }

    let returns (compression, image) = comesBack (folder.File "b.fits") compression image
    Check.One(Seeded.Cases 200, Prop.forAll (Arb.fromGen cases) returns)

[<Fact>]
let ``reals that another tool rounded are read within half of its step`` () =
    // As fpack stores reals by default: integers times a step of the noise over q, with a subtracted random offset.
    use folder = new ScratchFolder()
    let rows, columns, q = 64, 48, 16f
    let random = Random 7
    let normal () = sqrt (-2.0 * log (1.0 - random.NextDouble())) * cos (2.0 * Math.PI * random.NextDouble())
    let values = Array.init (rows * columns) (fun i -> float32 (100.0 + 0.1 * float (i % columns) + normal ()))

    for name, code in [ "RICE_1", 11; "GZIP_1", 21; "GZIP_2", 22; "HCOMPRESS_1", 41 ] do
        let path = folder.File $"{name}.fits"

        do
            use file = Cfitsio.Create path
            let mutable status = 0
            CfitsioNative.fits_set_compression_type (file.Handle, code, &status) |> ignore
            CfitsioNative.fits_set_quantize_level (file.Handle, q, &status) |> ignore
            CfitsioNative.ffcrimll (file.Handle, -32, 2, [| int64 columns; int64 rows |], &status) |> ignore
            let pin = GCHandle.Alloc(values, GCHandleType.Pinned)
            CfitsioNative.ffppr (file.Handle, CfitsioType.ofType typeof<float32>, 1L, int64 values.Length, pin.AddrOfPinnedObject(),
                                 &status) |> ignore
            pin.Free()
            Cfitsio.Check(path, "write the test file", status)
            file.Close()

        use file = FitsFile.Open path
        Assert.Equal(name, file[1].Header["ZCMPTYPE"].Text)
        let read = (file.ReadImage(1, [| rows; columns |]).Pixels.As<float32>()).Values
        let errors = Array.map2 (fun (a: float32) (b: float32) -> abs (a - b)) values read
        Assert.True(Array.max errors > 0f, $"{name}: nothing was rounded, so this test sees nothing")
        // The noise, a deviation of 1, is estimated from the 48 pixels of a tile: within 0.6 of it for the worst of 64 tiles.
        Assert.True(Array.max errors < 0.5f * 1.6f / q, $"{name}: expected errors below half a step of 1/{q}, got {Array.max errors}")

[<Fact>]
let ``a compression that does not fit the pixels is refused with another one`` () =
    use folder = new ScratchFolder()
    let path = folder.File "n.fits"

    let refused (image: NdArray) (compression: FitsCompression) (expected: string) =
        let e = Assert.Throws<ArgumentException>(fun () -> Fits.WriteImage(path, FitsImage image, compression))
        Assert.Equal($"{path}, HDU 0: {expected}", e.Message)
        Assert.Empty(Directory.GetFiles folder.Path)

    refused (reals id [| 20; 20 |] 1) FitsCompression.HCompress "HCompress compression of Double pixels would round them; \
        FitsCompression.Gzip keeps every bit."
    refused (filled<int64> [| 20; 20 |] 1) FitsCompression.Gzip "CFITSIO compresses no 64-bit integers; write them uncompressed."
    refused (NdArray<int16>([| 20; 20 |], Array.init 400 (fun i -> int16 -i))) FitsCompression.Plio "Plio compression takes integers from \
        0 to 16777215, got -1; FitsCompression.Rice takes any."
    refused (smooth int16 [| 3; 20 |] 1) FitsCompression.HCompress "H-compress takes images of at least 4 rows and 4 columns, got shape \
        (3, 20)."

[<Fact>]
let ``the fast path gives what CFITSIO gives, bit for bit`` () =
    use folder = new ScratchFolder()

    Check.One(
        Seeded.Cases 100,
        // CFITSIO 4.2 refuses unsigned 64-bit pixels above 2⁶³ (status 412); the other unsigned types are compared too.
        Prop.forAll (Arb.fromGen (images (Array.append signed [| filled<sbyte>; filled<uint16>; filled<uint32> |]))) (fun image ->
            let path = folder.File "c.fits"
            Fits.WriteImage(path, FitsImage image)
            use file = FitsFile.Open path
            let fast = (file.ReadImage 0).Pixels
            same (file.ReadImageByCfitsio 0) fast
            same image fast)
    )

[<Fact>]
let ``a set loaded in parallel is the one-by-one set, image by image`` () =
    use folder = new ScratchFolder()

    let cases =
        gen {
            let! kind = Gen.choose (0, signed.Length - 1)
            let! count = Gen.choose (1, 40)
            let! rows = Gen.choose (1, 9)
            let! columns = Gen.choose (1, 9)
            return kind, count, [| rows; columns |]
        }

    Check.One(
        Seeded.Cases 40,
        Prop.forAll (Arb.fromGen cases) (fun (kind, count, shape) ->
            let paths =
                [| for i in 0 .. count - 1 ->
                       let path = folder.File $"{i}.fits"
                       // Every third file carries checksums and so takes the complete reader; the others are as other tools write them.
                       if i % 3 = 0 then
                           Fits.WriteImage(path, FitsImage(signed[kind] shape i))
                       else
                           let pixels = signed[kind] shape i
                           let data = bytes pixels
                           let size = data.Length / pixels.Length

                           for at in 0..size .. data.Length - size do
                               Array.Reverse(data, at, size)

                           let bitpix = [| 8; 16; 32; 64; -32; -64 |][kind]

                           File.WriteAllBytes(
                               path,
                               file
                                   [ card "SIMPLE" "T"
                                     card "BITPIX" bitpix
                                     card "NAXIS" 2
                                     card "NAXIS1" shape[1]
                                     card "NAXIS2" shape[0] ]
                                   data
                           )

                       path |]

            let expected = paths |> Array.collect (fun p -> (Fits.ReadImage p).Pixels.ToSingles())

            for threads in [ 1; 3 ] do
                let result = FitsSet.Load(paths, FitsSetOptions(Threads = threads))
                Assert.Equal<int>([ count; shape[0]; shape[1] ], result.Pixels.Shape)
                Assert.Equal<int>(Seq.init count id, result.Indices)

                Assert.True(
                    MemoryMarshal
                        .AsBytes(ReadOnlySpan expected)
                        .SequenceEqual(MemoryMarshal.AsBytes(ReadOnlySpan result.Pixels.Values)),
                    $"{threads} threads: the pixels differ"
                )))

[<Fact>]
let ``broken files are reported together, and fail the load or are left out with their places`` () =
    use folder = new ScratchFolder()
    let shape = [| 5; 4 |]
    let path i = folder.File $"{i}.fits"

    for i in 0..9 do
        Fits.WriteImage(path i, FitsImage(filled<float32> shape i))

    File.Delete(path 2)
    File.WriteAllBytes(path 5, Array.truncate 2900 (File.ReadAllBytes(path 5)))
    Fits.WriteImage(path 7, FitsImage(filled<float32> [| 4; 5 |] 7))
    File.WriteAllText(path 9, "SIMPLE, but not FITS")
    let paths = [| for i in 0..9 -> path i |]
    let seen = List<LoadProgress>()

    let progress =
        { new IProgress<LoadProgress> with
            member _.Report p = lock seen (fun () -> seen.Add p) }

    let options = FitsSetOptions(ExpectedShape = shape, Broken = BrokenFilePolicy.LeaveOut)
    let result = FitsSet.Load(paths, options, progress)
    Assert.Equal<int>([ 0; 1; 3; 4; 6; 8 ], result.Indices)
    Assert.Equal<int>([ 6; 5; 4 ], result.Pixels.Shape)

    for place, index in Seq.indexed result.Indices do
        Assert.Equal<float32>(
            ((filled<float32> shape index).As<float32>()).Values,
            result.Pixels.Values.AsSpan(place * 20, 20).ToArray()
        )

    Assert.Contains({ Done = 10; Total = 10 }, seen)

    Assert.Equal<string>(
        [ $"{path 2}: no such file."
          $"{path 5}: byte 2900: HDU 0 declares 80 bytes of data (BITPIX -32, shape (5, 4)), and 20 are there: the file is truncated or \
              its header damaged"
          $"{path 7}: HDU 0: expected an image of shape (5, 4), got (4, 5)"
          $"{path 9}: byte 20: the file ends within a header: there is no END card" ],
        result.Broken |> Seq.map string
    )

    options.Broken <- BrokenFilePolicy.Fail

    let e =
        Assert.Throws<BrokenFilesException>(fun () -> FitsSet.Load(paths, options) |> ignore)

    Assert.StartsWith($"4 of 10 images cannot be read:\n  {path 2}: no such file.", e.Message)
    Assert.Equal(4, e.Files.Count)

[<Fact>]
let ``a load that is cancelled stops`` () =
    use folder = new ScratchFolder()
    let path = folder.File "a.fits"
    Fits.WriteImage(path, FitsImage(filled<float32> [| 3; 3 |] 1))
    use source = new System.Threading.CancellationTokenSource()
    source.Cancel()

    for threads in [ 1; 2 ] do
        Assert.ThrowsAny<OperationCanceledException>(fun () ->
            FitsSet.Load(Array.replicate 500 path, FitsSetOptions(Threads = threads), null, source.Token) |> ignore)
        |> ignore

[<Fact>]
let ``planes from several files and HDUs make one image each`` () =
    use folder = new ScratchFolder()
    let a = folder.File "a.fits"
    let b = folder.File "b.fits"
    let pixels i = filled<float32> [| 2; 3 |] i
    Fits.WriteImages(a, [| FitsImage(pixels 0); FitsImage(pixels 1) |])
    Fits.WriteImages(b, [| FitsImage(pixels 2); FitsImage(pixels 3) |])

    let images: IReadOnlyList<FitsPlane>[] =
        [| [| FitsPlane.Of(a, 0); FitsPlane.Of(a, 1) |]; [| FitsPlane.Of(b, 0); FitsPlane.Of(b, 1) |] |]

    let result = FitsSet.LoadPlanes(images, FitsSetOptions())
    Assert.Equal<int>([ 2; 2; 2; 3 ], result.Pixels.Shape)
    Assert.Equal<float32>([| for i in 0..3 do yield! (pixels i).ToSingles() |], result.Pixels.Values)

[<Fact>]
let ``a missing file is never read from the .gz beside it`` () =
    use folder = new ScratchFolder()
    let path = folder.File "x.fits"
    Fits.WriteImage(path, FitsImage(filled<float32> [| 3; 3 |] 1))
    let packed = path + ".gz"

    do
        use target = new GZipStream(File.Create packed, CompressionLevel.Fastest)
        target.Write(ReadOnlySpan(File.ReadAllBytes path))

    let plain = (Fits.ReadImage path).Pixels
    same plain (Fits.ReadImage packed).Pixels
    File.Delete path
    let e = Assert.Throws<FileNotFoundException>(fun () -> Fits.ReadImage path |> ignore)
    Assert.Equal($"{path}: no such file. There is {packed}: name it if it is meant.", e.Message)

[<Fact>]
let ``BSCALE, BZERO and BLANK give physical values, NaN where blank`` () =
    use folder = new ScratchFolder()
    let path = folder.File "s.fits"

    let header bitpix =
        [ card "SIMPLE" "T"
          card "BITPIX" bitpix
          card "NAXIS" 1
          card "NAXIS1" 3
          card "BSCALE" "0.5"
          card "BZERO" "10.0"
          card "BLANK" -9 ]

    File.WriteAllBytes(path, file (header 16) [| 0uy; 4uy; 0xFFuy; 0xF7uy; 0xFFuy; 0xFEuy |])
    let image = (Fits.ReadImage path).Pixels
    Assert.Equal(typeof<float32>, image.ElementType)
    Assert.Equal<float32>([| 12f; Single.NaN; 9f |], image.ToSingles())

    File.WriteAllBytes(path, file (header 32) [| 0uy; 0uy; 0uy; 4uy; 0xFFuy; 0xFFuy; 0xFFuy; 0xF7uy; 0uy; 0uy; 0uy; 0uy |])
    let wide = (Fits.ReadImage path).Pixels
    Assert.Equal(typeof<float>, wide.ElementType)
    Assert.Equal<float>([| 12.0; Double.NaN; 10.0 |], wide.ToDoubles())

[<Fact>]
let ``keywords come back typed, in order, long strings and names too`` () =
    use folder = new ScratchFolder()
    let path = folder.File "k.fits"
    let long = String.replicate 30 "it's long, " + "!"

    let keywords =
        [| FitsKeyword.OfText("OBJECT", "TXS 0506+056", "the target")
           FitsKeyword.OfReal("CRVAL1", 77.35819, "deg")
           FitsKeyword.OfReal("CDELT1", -5.55555494285861E-05)
           FitsKeyword.OfReal("CRPIX1", 51.0)
           FitsKeyword.OfInteger("RUN", 9007199254740993L)
           FitsKeyword.OfLogical("GOOD", true)
           FitsKeyword.OfText("LONG", long, "with a comment")
           FitsKeyword.OfText("HIERARCHICAL NAME", "x")
           FitsKeyword.OfCommentary("HISTORY", "made for a test") |]

    Fits.WriteImage(path, FitsImage(filled<float32> [| 2; 2 |] 1, keywords))
    use file = FitsFile.Open path
    let header = file[0].Header

    let got =
        header.Keywords
        |> Seq.filter (fun k ->
            let isSame (w: FitsKeyword) = w.Name = k.Name && (k.Kind <> FitsValueKind.Commentary || k.Text = w.Text)
            keywords |> Array.exists isSame)
        |> Seq.map (fun k -> k.Name, k.Kind)

    Assert.Equal<string * FitsValueKind>(keywords |> Seq.map (fun k -> k.Name, k.Kind), got)
    Assert.Equal("TXS 0506+056", header["OBJECT"].Text)
    Assert.Equal("the target", header["OBJECT"].Comment)
    Assert.Equal(77.35819, header["CRVAL1"].Real)
    Assert.Equal(-5.55555494285861E-05, header["CDELT1"].Real)
    Assert.Equal(9007199254740993L, header["RUN"].Integer)
    Assert.True(header["GOOD"].Logical)
    Assert.Equal(long, header["LONG"].Text)
    let e = Assert.Throws<InvalidDataException>(fun () -> header["OBJECT"].Integer |> ignore)
    Assert.Equal("keyword OBJECT: expected an integer, got 'TXS 0506+056' (Text)", e.Message)

[<Fact>]
let ``any text comes back from a header as it was, but for trailing blanks`` () =
    use folder = new ScratchFolder()

    let text =
        Gen.listOf (Gen.elements ([ ' ' .. '~' ] @ [ '\''; '\''; '&'; '/' ]))
        |> Gen.map (fun cs -> String(Seq.toArray cs))

    Check.One(
        Seeded.Cases 100,
        Prop.forAll (Arb.fromGen text) (fun text ->
            let path = folder.File "t.fits"
            Fits.WriteImage(path, FitsImage(filled<byte> [| 1 |] 1, [| FitsKeyword.OfText("T", text) |]))
            use file = FitsFile.Open path
            Assert.Equal(text.TrimEnd ' ', file[0].Header["T"].Text))
    )

[<Fact>]
let ``a damaged file gives an error that names it, or the very same image`` () =
    use folder = new ScratchFolder()
    let path = folder.File "d.fits"

    let check (image: NdArray) (data: byte[]) hdu =
        File.WriteAllBytes(path, data)

        try
            use file = FitsFile.Open(path, true)
            same image (file.ReadImage hdu).Pixels
        with
        | :? InvalidDataException as e -> Assert.StartsWith(path, e.Message)
        | :? KeyNotFoundException -> ()

    let cases =
        Gen.zip3 (images makers) (Gen.choose (0, Int32.MaxValue)) (Gen.choose (1, 255))

    Check.One(
        Seeded.Cases 600,
        Prop.forAll (Arb.fromGen cases) (fun (image, position, mask) ->
            Fits.WriteImage(path, FitsImage image)
            let whole = File.ReadAllBytes path
            // Checksums cover every byte; most flips go where the structure is described.
            let place = if position % 3 = 0 then position else position % 1200
            check image (Damage.flip whole place (byte mask)) 0
            check image (Damage.truncate whole position) 0))

[<Fact>]
let ``a damaged compressed image gives an error or an image of its shape, and never ends the process`` () =
    use folder = new ScratchFolder()
    let path = folder.File "e.fits"

    let cases =
        gen {
            let! compression, _, make = Gen.elements compressed
            let! image = compressible [| make |]
            let! position = Gen.choose (0, Int32.MaxValue)
            let! mask = Gen.choose (1, 255)
            return compression, image, position, mask
        }

    Check.One(
        Seeded.Cases 500,
        Prop.forAll (Arb.fromGen cases) (fun (compression, image, position, mask) ->
            Fits.WriteImage(path, FitsImage image, compression)
            let whole = File.ReadAllBytes path
            File.WriteAllBytes(path, Damage.flip whole position (byte mask))

            try
                // Checksums are not looked at: the decoders meet the damage.
                use file = FitsFile.Open path
                let read = (file.ReadImage(1, image.Shape)).Pixels
                Assert.Equal<int>(image.Shape, read.Shape)
            with
            | :? InvalidDataException as e -> Assert.StartsWith(path, e.Message)))

[<Theory>]
[<InlineData(2000000000, 2000000000, "declares 16000000000000000000 bytes")>]
[<InlineData(-3, 5, "NAXIS1: expected 0 to 2147483647, got -3")>]
let ``absurd axes are refused before memory is taken`` (first: int, second: int, expected: string) =
    use folder = new ScratchFolder()
    let path = folder.File "f.fits"

    File.WriteAllBytes(
        path,
        file
            [ card "SIMPLE" "T"
              card "BITPIX" -32
              card "NAXIS" 2
              card "NAXIS1" first
              card "NAXIS2" second ]
            (Array.zeroCreate 100)
    )

    let e = Assert.Throws<InvalidDataException>(fun () -> Fits.ReadImage path |> ignore)
    Assert.StartsWith(path + ", byte ", e.Message)

    if first > 0 then
        Assert.Contains("and 2880 are there: the file is truncated or its header damaged", e.Message)
    else
        Assert.Contains(expected, e.Message)

[<Fact>]
let ``pixels that the header does not account for are noticed, unless the caller knows the shape`` () =
    use folder = new ScratchFolder()
    let path = folder.File "g.fits"

    let header rows =
        [ card "SIMPLE" "T"; card "BITPIX" 8; card "NAXIS" 2; card "NAXIS1" 4; card "NAXIS2" rows ]

    let data = Array.init 20 (fun i -> byte (i + 1))
    File.WriteAllBytes(path, file (header 4) data)
    let e = Assert.Throws<InvalidDataException>(fun () -> Fits.ReadImage path |> ignore)

    Assert.Equal(
        $"{path}, byte 2896: the image of shape (4, 4) ends before data that are not zero: the header is damaged, or give the expected \
            shape to accept it",
        e.Message
    )

    Assert.Equal<byte>(Array.truncate 16 data, (Fits.ReadImage(path, 0, [| 4; 4 |]).Pixels.As<byte>()).Values)

[<Fact>]
let ``a binary table gives its columns by name with units, logicals, bits, strings and lists`` () =
    use folder = new ScratchFolder()
    let path = folder.File "t.fits"

    let big (size: int) (value: byte[]) =
        Array.rev value |> Array.truncate size

    let row (id: int) (x: float) (truth: bool) (name: string) (length: int) (place: int) =
        Array.concat
            [ big 4 (BitConverter.GetBytes id)
              big 8 (BitConverter.GetBytes x)
              big 8 (BitConverter.GetBytes(-x))
              [| (if truth then 'T'B else 'F'B) |]
              [| (if truth then 0b10100000uy else 0b01000000uy) |]
              Encoding.ASCII.GetBytes(name.PadRight 6)
              big 4 (BitConverter.GetBytes length)
              big 4 (BitConverter.GetBytes place) ]

    let heap = Array.concat [ for v in [ 1s; 2s; 3s; -4s ] -> big 2 (BitConverter.GetBytes v) ]
    let data = Array.concat [ row 7 1.5 true "alpha" 3 0; row -1 2.5 false "b" 1 6; heap ]

    let primary = file [ card "SIMPLE" "T"; card "BITPIX" 8; card "NAXIS" 0 ] [||]

    let table =
        file
            [ "XTENSION= 'BINTABLE'"
              card "BITPIX" 8
              card "NAXIS" 2
              card "NAXIS1" 36
              card "NAXIS2" 2
              card "PCOUNT" heap.Length
              card "GCOUNT" 1
              card "TFIELDS" 6
              "TTYPE1  = 'ID'"
              "TFORM1  = '1J'"
              card "TNULL1" -1
              "TTYPE2  = 'X'"
              "TFORM2  = '2D'"
              "TUNIT2  = 'arcsec'"
              "TTYPE3  = 'LENS'"
              "TFORM3  = '1L'"
              "TTYPE4  = 'FLAGS'"
              "TFORM4  = '3X'"
              "TTYPE5  = 'NAME'"
              "TFORM5  = '6A'"
              "TTYPE6  = 'LIST'"
              "TFORM6  = '1PI(3)'" ]
            data

    File.WriteAllBytes(path, Array.append primary table)
    let table = Fits.ReadTable(path, 1)
    Assert.Equal(2, table.RowCount)
    Assert.Equal<float>([| 7.0; Double.NaN |], (nonNull table["id"].Values).ToDoubles())
    Assert.Equal("arcsec", table["X"].Unit)
    Assert.Equal<int>([ 2; 2 ], (nonNull table["X"].Values).Shape)
    Assert.Equal<float>([| 1.5; -1.5; 2.5; -2.5 |], (nonNull table["X"].Values).ToDoubles())
    Assert.Equal<bool>([| true; false |], ((nonNull table["LENS"].Values).As<bool>()).Values)
    Assert.Equal<bool>([| true; false; true; false; true; false |], ((nonNull table["FLAGS"].Values).As<bool>()).Values)
    Assert.Equal<string>([| "alpha"; "b" |], nonNull table["NAME"].Texts)
    let lists = nonNull table["LIST"].Lists
    Assert.Equal<int16>([| 1s; 2s; 3s |], (lists[0].As<int16>()).Values)
    Assert.Equal<int16>([| -4s |], (lists[1].As<int16>()).Values)

    let e = Assert.Throws<KeyNotFoundException>(fun () -> table["FLUX"] |> ignore)
    Assert.Equal($"{path}, HDU 1: no column 'FLUX'; there are ID, X, LENS, FLAGS, NAME, LIST.", e.Message)

    // Damage anywhere in the table: an error or a table of two rows.
    let whole = File.ReadAllBytes path

    Check.One(
        Seeded.Cases 500,
        Prop.forAll (Arb.fromGen (Gen.zip (Gen.choose (0, Int32.MaxValue)) (Gen.choose (1, 255)))) (fun (position, mask) ->
            File.WriteAllBytes(path, Damage.flip whole (2880 + position % 2960) (byte mask))

            try
                Assert.InRange(Fits.ReadTable(path, 1).RowCount, 0, 3)
            with
            | :? InvalidDataException as e -> Assert.StartsWith(path, e.Message)))

[<Theory>]
[<InlineData("lens/challenge1/samples/ground_based/lens/Band1", 6, 101)>]
[<InlineData("lens/challenge1/samples/ground_based/nolens/Band4", 6, 101)>]
[<InlineData("lens/challenge1/samples/space_based/lens", 8, 101)>]
[<InlineData("lens/des_real/lens", 10, 50)>]
let ``the shared image sets load with the shapes that their description gives`` (folder: string, count: int, side: int) =
    let paths = Directory.GetFiles(SharedData.path folder, "*.fits") |> Array.sort
    let result = FitsSet.Load(paths, FitsSetOptions())
    Assert.Equal<int>([ count; side; side ], result.Pixels.Shape)

    for path in paths do
        use file = FitsFile.Open path
        same (file.ReadImageByCfitsio 0) (file.ReadImage 0).Pixels

[<Fact>]
let ``the shared cubes, PSFs and the table read as described`` () =
    for band in [ "g"; "r"; "i"; "z"; "Y" ] do
        Assert.Equal<int>([ 46; 91; 91 ], (Fits.ReadImage(SharedData.path $"lens/des_fields/{band}.fits")).Pixels.Shape)

    for path in Directory.GetFiles(SharedData.path "lens/des_real/lensPSF", "*.fits") do
        use file = FitsFile.Open path
        Assert.Equal(3, file.Hdus.Count)

        for hdu in 0..2 do
            Assert.Equal(typeof<float>, (file.ReadImage hdu).Pixels.ElementType)

    for path in Directory.GetFiles(SharedData.path "lens/des_real/lens", "*.fits") do
        use file = FitsFile.Open path
        Assert.Equal(3, file.Hdus.Count)
        Assert.Equal<int>([ 50; 50 ], (file.ReadImage 2).Pixels.Shape)

    use balrog = FitsFile.Open(SharedData.path "lens/des_fields/balrog_cutouts_00102.fits")
    Assert.Equal<int>([ 16; 128; 128 ], (balrog.ReadImage 0).Pixels.Shape)
    Assert.Equal<int>([ 5; 128; 128 ], (balrog.ReadImage balrog["COADD"].Index).Pixels.Shape)
    let table = balrog.ReadTable balrog["DATA"].Index
    Assert.Equal(16, table.RowCount)
    Assert.Equal(18, table.Columns.Count)

[<Fact>]
let ``WCS keywords of a real image are kept, typed`` () =
    use file = FitsFile.Open(SharedData.path "lens/challenge1/samples/ground_based/lens/Band1/imageSDSS_R-100003.fits")
    let header = file[0].Header
    Assert.Equal("RA---TAN", header["CTYPE1"].Text)
    Assert.Equal(51.0, header["CRPIX1"].Real)
    Assert.Equal(-5.55555494285861E-05, header["CDELT1"].Real)
    Assert.Equal("deg", header["CUNIT2"].Text)
