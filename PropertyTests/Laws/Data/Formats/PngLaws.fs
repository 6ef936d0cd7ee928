module Hybrid.PropertyTests.Laws.Data.Formats.PngLaws

open System
open System.IO
open System.Runtime.InteropServices
open Xunit
open FsCheck
open FsCheck.FSharp
open Hybrid.Data.Formats
open Hybrid.PropertyTests
open Hybrid.PropertyTests.Laws.Data

let private images =
    gen {
        let! rows = Gen.choose (1, 30)
        let! columns = Gen.choose (1, 30)
        let! channels = Gen.choose (1, 4)
        let! wide = Gen.elements [ true; false ]
        let! seed = Gen.choose (0, Int32.MaxValue)
        let shape = if channels = 1 then [| rows; columns |] else [| rows; columns; channels |]
        let count = rows * columns * channels
        let random = Random seed

        return
            if wide then
                NdArray<uint16>(shape, Array.init count (fun _ -> uint16 (random.Next 65536))) :> NdArray
            else
                NdArray<byte>(shape, Array.init count (fun _ -> byte (random.Next 256)))
    }

let private same (expected: NdArray) (actual: NdArray) =
    Assert.Equal<int>(expected.Shape, actual.Shape)
    Assert.Equal(expected.ElementType, actual.ElementType)
    Assert.Equal<float32>(expected.ToSingles(), actual.ToSingles())

[<Fact>]
let ``an image written and read again is the same, for 8 and 16 bits and one to four channels`` () =
    use folder = new ScratchFolder()
    let path = folder.File "a.png"

    Check.One(
        Seeded.Cases 100,
        Prop.forAll (Arb.fromGen images) (fun image ->
            Png.Write(path, image)
            same image (Png.Read path))
    )

// python3 -c "import numpy, PIL.Image, io; b = io.BytesIO(); PIL.Image.fromarray(numpy.arange(12, dtype='u1').reshape(3, 4) * 20).save(b,
// 'png'); print(b.getvalue().hex())"   (Pillow 9.4.0)
[<Fact>]
let ``a file written by Pillow reads as what Pillow wrote`` () =
    use folder = new ScratchFolder()
    let path = folder.File "pillow.png"

    File.WriteAllBytes(
        path,
        Convert.FromHexString "89504e470d0a1a0a0000000d4948445200000004000000030800000000919ff11a0000001749444154789c63\
            64101111610c101111610910111101000938015b69f3895b0000000049454e44ae426082"
    )

    same (NdArray<byte>([| 3; 4 |], Array.init 12 (fun i -> byte (20 * i)))) (Png.Read path)

[<Fact>]
let ``a damaged file gives an error that names it, or the very same image`` () =
    use folder = new ScratchFolder()
    let path = folder.File "b.png"

    Check.One(
        Seeded.Cases 600,
        Prop.forAll (Arb.fromGen (Gen.zip3 images (Gen.choose (0, Int32.MaxValue)) (Gen.choose (1, 255)))) (fun (image, position, mask) ->
            Png.Write(path, image)
            let whole = File.ReadAllBytes path

            for damaged in [ Damage.flip whole position (byte mask); Damage.truncate whole position ] do
                File.WriteAllBytes(path, damaged)

                try
                    same image (Png.Read path)
                with :? InvalidDataException as e ->
                    Assert.StartsWith(path + ": ", e.Message)))

[<Fact>]
let ``a file that is not a PNG, ends early or has a damaged chunk is reported as such`` () =
    use folder = new ScratchFolder()
    let path = folder.File "c.png"
    let image = NdArray<byte>([| 3; 4 |], [| 1uy .. 12uy |])
    Png.Write(path, image)
    let whole = File.ReadAllBytes path

    let refused (bytes: byte[]) (expected: string) =
        File.WriteAllBytes(path, bytes)
        Assert.Equal($"{path}: {expected}", Assert.Throws<InvalidDataException>(fun () -> Png.Read path |> ignore).Message)

    refused "SIMPLE  ="B "expected a PNG, which begins with the bytes 89504E470D0A1A0A, got 53494D504C452020."
    refused whole[..2] "expected a PNG, which begins with the bytes 89504E470D0A1A0A, got 89504E."
    refused whole[..40] "the PNG ends early, at byte 41 inside the chunk at byte 33."
    // The last byte of the pixels' checksum: all rows are there by then.
    let last = whole.Length - 12 - 5
    refused (Damage.flip whole last 1uy) "the checksum of the chunk at byte 33 does not fit its content: the PNG is damaged."
    refused whole[.. whole.Length - 13] $"the PNG ends early, at byte {whole.Length - 12} inside the chunk at byte {whole.Length - 12}."

[<Fact>]
let ``a set read in parallel is its images one by one, and broken files are named together`` () =
    use folder = new ScratchFolder()
    let random = Random 4
    let paths = [| for i in 0..30 -> folder.File $"{i}.png" |]

    for path in paths do
        let pixels = Array.zeroCreate<byte> (20 * 30)
        random.NextBytes pixels
        Png.Write(path, NdArray<byte>([| 20; 30 |], pixels))

    let expected = paths |> Array.collect (fun p -> ((Png.Read p).As<byte>()).Values)

    for threads in [ 1; 3 ] do
        let set = Png.ReadSet(paths, threads)
        Assert.Equal<int>([ 31; 20; 30 ], set.Shape)
        Assert.Equal<byte>(expected, set.Values)

    Png.Write(paths[3], NdArray<uint16>([| 20; 30 |], Array.zeroCreate 600))
    File.WriteAllBytes(paths[8], [| 1uy |])
    let e = Assert.Throws<BrokenFilesException>(fun () -> Png.ReadSet paths |> ignore)
    Assert.Equal<int>([ 3; 8 ], e.Files |> Seq.map _.Index)
    Assert.StartsWith($"2 of 31 images cannot be read:\n  {paths[3]}: expected 8-bit grey (20, 30), got 1 channel of 16 bits, shape (20, \
        30)", e.Message)
