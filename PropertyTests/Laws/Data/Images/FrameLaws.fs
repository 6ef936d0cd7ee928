module Hybrid.PropertyTests.Laws.Data.Images.FrameLaws

open System
open System.Buffers.Binary
open System.IO
open System.IO.Compression
open System.IO.Hashing
open System.Text
open Xunit
open FsCheck
open FsCheck.FSharp
open Hybrid.Data.Formats
open Hybrid.Data.Images
open Hybrid.PropertyTests
open Hybrid.PropertyTests.Laws.Data

// ---- recipes as text --------------------------------------------------------------------------------------------------

let private number = Gen.elements [ 0.0; 1.0; -1.5; 0.1; 60.0; 130.0; 1e-9; 3.0000000000000004; 1e20 ]
let private size = Gen.choose (1, 200)

let private steps =
    Gen.oneof
        [ Gen.map2 (fun low width -> ImageStep.Window(low, low + 1.0 + abs width)) number number
          Gen.elements [ ImageStep.MinMaxPerImage(); ImageStep.ZScorePerImage(); ImageStep.ZScorePerBand() ]
          Gen.map (fun v -> ImageStep.Asinh(abs v + 0.5)) number
          Gen.map (fun v -> ImageStep.Log(abs v + 0.5)) number
          Gen.map2 (fun low width -> ImageStep.Clip(float32 low, float32 (low + 1.0 + abs width))) number number
          Gen.map2 (fun marker value -> ImageStep.ReplaceMarked(float32 marker, float32 value)) number number
          Gen.map (fun value -> ImageStep.ReplaceMissing(float32 value)) number
          Gen.map2 (fun h w -> ImageStep.CentreCrop(h, w)) size size
          Gen.map2 (fun border value -> ImageStep.Pad(border, float32 value)) (Gen.choose (0, 9)) number
          Gen.map2 (fun h w -> ImageStep.Resize(h, w, Interpolation.Area)) size size
          Gen.map2 (fun h w -> ImageStep.Resize(h, w, Interpolation.Bilinear)) size size
          Gen.map (fun v -> ImageStep.GaussianBlur(0.5 + min 5.0 (abs v))) number
          Gen.map (fun n -> ImageStep.StandardiseBands(Array.create n 1.5, Array.create n 2.0)) (Gen.choose (1, 4))
          Gen.map (fun n -> ImageStep.ClipPercentiles(Array.create n 0.5, Array.create n 99.6)) (Gen.choose (1, 4)) ]

[<Fact>]
let ``a recipe without random steps is read back from its text`` () =
    Check.One(
        Seeded.Cases 300,
        Prop.forAll (Arb.fromGen (Gen.listOf steps)) (fun steps ->
            let recipe = Recipe(List.toArray steps)
            let read = RecipeText.Parse(string recipe)
            Assert.Equal(recipe, read)
            Assert.Equal(steps.Length, read.Steps.Length))
    )

[<Theory>]
[<InlineData("blur", "a recipe's step: expected a name with arguments such as window(60, 130), got 'blur'.")>]
[<InlineData("window(60)", "the recipe's step 'window(60)': expected a step without random numbers as a recipe prints it, such as \
    centreCrop(128, 128).")>]
[<InlineData("centreCrop(4, 4) → window(a, 2)", "the recipe's step 'window(a, 2)': expected numbers between its brackets, got 'a'.")>]
[<InlineData("randomFlipHorizontal(0.5)", "the recipe's step 'randomFlipHorizontal(0.5)': expected a step without random")>]
[<InlineData("centreCrop(4.7, 4)", "the recipe's step 'centreCrop(4.7, 4)': expected a step without random")>]
let ``what no recipe prints is refused with its step`` (text: string, message: string) =
    Assert.StartsWith(message, Assert.Throws<FormatException>(fun () -> RecipeText.Parse text |> ignore).Message)

// ---- frames ------------------------------------------------------------------------------------------------------------

let private frames =
    gen {
        let! rows = Gen.choose (1, 24)
        let! columns = Gen.choose (1, 24)
        let! wide = Gen.elements [ true; false ]
        let! seed = Gen.choose (0, Int32.MaxValue)
        let random = Random seed

        return
            if wide then
                NdArray<uint16>([| rows; columns |], Array.init (rows * columns) (fun _ -> uint16 (random.Next 65536))) :> NdArray
            else
                NdArray<byte>([| rows; columns |], Array.init (rows * columns) (fun _ -> byte (random.Next 256)))
    }

/// The same pixels as a set of one image.
let private asSet (frame: NdArray) =
    ImageSet(frame.ToSingles(), [| "light" |], frame.Shape[0], frame.Shape[1])

[<Fact>]
let ``a frame alone gives what the recipe gives for a set of it, cropped first or not`` () =
    let cases =
        gen {
            let! frame = frames
            let! height = Gen.choose (1, frame.Shape[0])
            let! width = Gen.choose (1, frame.Shape[1])
            let! first = Gen.elements [ true; false ]
            return frame, height, width, first
        }

    Check.One(
        Seeded.Cases 300,
        Prop.forAll (Arb.fromGen cases) (fun (frame, height, width, first) ->
            let crop, window = ImageStep.CentreCrop(height, width), ImageStep.Window(60.0, 130.0)
            let recipe = if first then Recipe(crop, window) else Recipe(window, crop)
            let one = FramePreprocessing(recipe).Apply frame
            Assert.Equal<float32>(recipe.Apply(asSet frame, 0L).Pixels, one.Pixels)
            Assert.Equal((height, width), (one.Height, one.Width)))
    )

[<Fact>]
let ``a frame that a recipe cannot take is refused with what it is`` () =
    let refused (recipe: Recipe) (frame: NdArray) =
        let error = Assert.Throws<ArgumentException>(fun () -> FramePreprocessing(recipe).Apply frame |> ignore)
        error.Message.Split(" (Parameter")[0]

    let crop = Recipe(ImageStep.CentreCrop(4, 5))
    Assert.Equal("expected at least 4 × 5 pixels, got 4 × 4.", refused crop (NdArray<byte>([| 4; 4 |], Array.zeroCreate 16)))
    Assert.Equal("expected a grey image, got 3 channels.", refused crop (NdArray<byte>([| 4; 4; 3 |], Array.zeroCreate 48)))
    Assert.Equal("expected pixels of 8 or 16 bits, got Single.", refused crop (NdArray<float32>([| 4; 5 |], Array.zeroCreate 20)))
    let random = Recipe(ImageStep.RandomFlipVertical 0.5)
    let error = Assert.Throws<ArgumentException>(fun () -> FramePreprocessing random |> ignore)
    Assert.StartsWith("frames are preprocessed without random numbers, got the recipe randomFlipVertical(0.5).", error.Message)

// ---- the middle of a PNG -----------------------------------------------------------------------------------------------

let private chunk (kind: string) (content: byte[]) =
    let named = Array.append (Encoding.ASCII.GetBytes kind) content
    let length, crc = Array.zeroCreate<byte> 4, Array.zeroCreate<byte> 4
    BinaryPrimitives.WriteInt32BigEndian(length, content.Length)
    BinaryPrimitives.WriteUInt32BigEndian(crc, Crc32.HashToUInt32 named)
    Array.concat [ length; named; crc ]

let private signature = [| 0x89uy; 0x50uy; 0x4Euy; 0x47uy; 0x0Duy; 0x0Auy; 0x1Auy; 0x0Auy |]

/// A grey PNG whose rows are filtered as `filters` say (PNG specification, 9.2), its data in pieces of `piece` bytes.
let private png (rows: int) (columns: int) (pixels: byte[]) (filters: int[]) (piece: int) =
    let at y x = if y < 0 || x < 0 then 0 else int pixels[y * columns + x]

    let predicted kind y x =
        let left, up, corner = at y (x - 1), at (y - 1) x, (if x = 0 then 0 else at (y - 1) (x - 1))

        match kind with
        | 0 -> 0
        | 1 -> left
        | 2 -> up
        | 3 -> (left + up) / 2
        | _ ->
            let p = left + up - corner
            [ left; up; corner ] |> List.minBy (fun v -> abs (p - v)) // the first of equals

    let filtered =
        [| for y in 0 .. rows - 1 do
               byte filters[y]
               for x in 0 .. columns - 1 do
                   byte (at y x - predicted filters[y] y x) |]

    let data =
        use memory = new MemoryStream()

        do
            use deflate = new ZLibStream(memory, CompressionLevel.Fastest)
            deflate.Write(filtered, 0, filtered.Length)

        memory.ToArray()

    let header = Array.zeroCreate<byte> 13
    BinaryPrimitives.WriteInt32BigEndian(header, columns)
    BinaryPrimitives.WriteInt32BigEndian(header.AsSpan 4, rows)
    header[8] <- 8uy

    Array.concat
        [ signature
          chunk "IHDR" header
          chunk "tEXt" (Encoding.ASCII.GetBytes "Comment\000made by a test")
          yield! data |> Array.chunkBySize piece |> Array.map (chunk "IDAT")
          chunk "IEND" [||] ]

let private pngs =
    gen {
        let! rows = Gen.choose (1, 20)
        let! columns = Gen.choose (1, 20)
        let! filters = Gen.arrayOfLength rows (Gen.choose (0, 4))
        let! piece = Gen.elements [ 3; 50; 5000 ]
        let! seed = Gen.choose (0, Int32.MaxValue)
        let! height = Gen.choose (1, rows)
        let! width = Gen.choose (1, columns)
        let pixels = Array.zeroCreate<byte> (rows * columns)
        Random(seed).NextBytes pixels
        return rows, columns, pixels, filters, piece, height, width
    }

[<Fact>]
let ``the middle of a PNG is the middle of all of it, with any filters and pieces`` () =
    Check.One(
        Seeded.Cases 400,
        Prop.forAll (Arb.fromGen pngs) (fun (rows, columns, pixels, filters, piece, height, width) ->
            let file = png rows columns pixels filters piece
            // libspng reads it as it was meant: the encoder above is right.
            Assert.Equal<byte>(pixels, Png.Parse("x", file).As<byte>().Values)
            let middle = Png.ParseMiddle("x", file, height, width)
            let expected = Geometry.CentreCrop(ImageSet(Array.map float32 pixels, [| "light" |], rows, columns), height, width)
            Assert.Equal<int>([ height; width ], middle.Shape)
            Assert.Equal<float32>(expected.Pixels, middle.ToSingles()))
    )

[<Fact>]
let ``the middle of any PNG that libspng reads is the middle of what it reads`` () =
    use folder = new ScratchFolder()
    let path = folder.File "a.png"

    Check.One(
        Seeded.Cases 100,
        Prop.forAll (Arb.fromGen frames) (fun frame ->
            Png.Write(path, frame)
            let height, width = (frame.Shape[0] + 1) / 2, (frame.Shape[1] + 1) / 2
            let middle = Png.ParseMiddle(path, File.ReadAllBytes path, height, width)
            Assert.Equal(frame.ElementType, middle.ElementType)
            Assert.Equal<float32>(Geometry.CentreCrop(asSet frame, height, width).Pixels, middle.ToSingles())
            // Larger than the file: all of it.
            Assert.Equal<int>(frame.Shape, (Png.ParseMiddle(path, File.ReadAllBytes path, 99, 1)).Shape))
    )

[<Fact>]
let ``a PNG cut off or with a changed byte gives its pixels or a reason, in the middle as in the whole`` () =
    let cases = Gen.zip pngs (Gen.zip (Gen.choose (0, 100_000)) (Gen.choose (0, 255)))

    Check.One(
        Seeded.Cases 400,
        Prop.forAll (Arb.fromGen cases) (fun ((rows, columns, pixels, filters, piece, height, width), (place, value)) ->
            let file = png rows columns pixels filters piece
            let changed = Array.copy file
            changed[place % file.Length] <- byte value

            for damaged in [ Array.truncate (place % file.Length) file; changed ] do
                try
                    let middle = Png.ParseMiddle("name.png", damaged, height, width, 10_000L)
                    let whole = Png.Parse("name.png", damaged, 10_000L)
                    // Only a byte that no pixel depends on can be another one.
                    Assert.Equal<byte>(pixels, whole.As<byte>().Values)
                    Assert.Equal<int>([ height; width ], middle.Shape)
                with :? InvalidDataException as e ->
                    Assert.StartsWith("name.png: ", e.Message))
    )

[<Fact>]
let ``nothing is allocated for a PNG that claims more pixels than are allowed`` () =
    let file = png 4 4 (Array.zeroCreate 16) [| 0; 0; 0; 0 |] 5000
    BinaryPrimitives.WriteInt32BigEndian(file.AsSpan 16, 1_000_000)
    BinaryPrimitives.WriteInt32BigEndian(file.AsSpan 20, 1_000_000)

    for read in [ (fun () -> Png.Parse("x", file, 100L)); (fun () -> Png.ParseMiddle("x", file, 2, 2, 100L)) ] do
        let before = GC.GetAllocatedBytesForCurrentThread()
        let error = Assert.Throws<InvalidDataException>(fun () -> read () |> ignore)
        Assert.Equal("x: expected at most 100 pixels, got 1000000 × 1000000.", error.Message)
        Assert.True(GC.GetAllocatedBytesForCurrentThread() - before < 1_000_000L, "memory was taken for it")
