namespace Hybrid.Data.Images

open System
open System.Runtime.InteropServices
open Hybrid.Data.Formats

/// A recipe for frames that come one by one from a detector, of any size: the same values as the recipe gives for a set of them. Where it
/// begins with a crop of the middle, only what is kept is converted to floats.
[<Sealed>]
type FramePreprocessing(recipe: Recipe) =
    do
        if recipe.IsRandom then
            raise (ArgumentException($"frames are preprocessed without random numbers, got the recipe {recipe}.", nameof recipe))

    let struct (cropHeight, cropWidth) = RecipeText.Crop recipe

    static let middle (frame: NdArray) height width : NdArray =
        let rows, columns = frame.Shape[0], frame.Shape[1]
        let top, left = (rows - height) / 2, (columns - width) / 2
        // Element sizes differ, rows of bytes do not.
        let size = Buffer.ByteLength frame.RawValues / frame.Length

        let cut (values: 'T[]) : 'T[] =
            for y in 0 .. height - 1 do
                Buffer.BlockCopy(frame.RawValues, ((top + y) * columns + left) * size, values, y * width * size, width * size)

            values

        match frame.RawValues with
        | :? (byte[]) -> NdArray<byte>([| 1; height; width |], cut (GC.AllocateUninitializedArray(height * width))) :> NdArray
        | _ -> NdArray<uint16>([| 1; height; width |], cut (GC.AllocateUninitializedArray(height * width)))

    member _.Recipe = recipe

    /// The same from a PNG in memory; nothing is allocated for one of more pixels than `mostPixels`.
    /// Throws InvalidDataException where it cannot be decoded, else as Apply does.
    member this.ApplyPng(name: string, bytes: byte[], [<Optional; DefaultParameterValue(Int64.MaxValue)>] mostPixels: int64) : ImageSet =
        this.Apply(
            if cropHeight > 0 then Png.ParseMiddle(name, bytes, cropHeight, cropWidth, mostPixels)
            else Png.Parse(name, bytes, mostPixels)
        )

    /// One image from a frame of shape (rows, columns), of bytes or ushorts.
    /// Throws ArgumentException that says what the frame lacks: it has several channels, or is smaller than what the recipe cuts from it.
    member _.Apply(frame: NdArray, [<Optional; DefaultParameterValue("light")>] band: string) : ImageSet =
        if frame.Rank <> 2 then
            raise (ArgumentException($"expected a grey image, got {frame.Shape[frame.Rank - 1]} channels.", nameof frame))

        if frame.ElementType <> typeof<byte> && frame.ElementType <> typeof<uint16> then
            raise (ArgumentException($"expected pixels of 8 or 16 bits, got {frame.ElementType.Name}.", nameof frame))

        let rows, columns = frame.Shape[0], frame.Shape[1]

        if rows < cropHeight || columns < cropWidth then
            raise (ArgumentException($"expected at least {cropHeight} × {cropWidth} pixels, got {rows} × {columns}.", nameof frame))

        let kept =
            if cropHeight > 0 then middle frame cropHeight cropWidth
            elif frame.ElementType = typeof<byte> then NdArray<byte>([| 1; rows; columns |], (frame.As<byte>()).Values)
            else NdArray<uint16>([| 1; rows; columns |], (frame.As<uint16>()).Values)

        recipe.Apply(ImageSet.OfArray(kept, band), 0L)
