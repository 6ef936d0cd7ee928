namespace Hybrid.Data.Images

open System
open System.Collections.Generic
open Hybrid.Data
open Hybrid.Data.Cache
open Hybrid.Data.Formats

/// Images with named columns of one value an image: labels, targets, ids, splits. Files, archives and simulators make it; a recipe is
/// applied to it; a cache is written from it.
[<Sealed>]
type LabelledImages(images: ImageSet, [<ParamArray>] columns: CacheValues[]) =
    do
        ArgumentNullException.ThrowIfNull(images, nameof images)

        for column in columns do
            if column.Count <> images.Count then
                invalidArg (nameof columns) $"LabelledImages: expected {images.Count} value{Plural.s images.Count} in \
                    '{column.Column.Name}', one an image, got {column.Count}."

    let columns = Array.copy columns

    member _.Images = images
    member _.Columns: IReadOnlyList<CacheValues> = columns
    member _.Count = images.Count

    /// The images after a recipe's steps, with the same columns.
    /// firstImage : number of the first image, so that a set worked on in parts gives what it gives in one piece.
    member _.Apply
        (
            recipe: Recipe,
            seed: int64,
            [<Runtime.InteropServices.Optional; Runtime.InteropServices.DefaultParameterValue(0L)>] firstImage: int64
        ) : LabelledImages =
        ArgumentNullException.ThrowIfNull(recipe, nameof recipe)
        LabelledImages(recipe.Apply(images, seed, firstImage), columns)

    /// Rows of a cache: the images as the tensor `name`, (bands, H, W) a row, and the columns.
    member _.ToRows([<Runtime.InteropServices.Optional; Runtime.InteropServices.DefaultParameterValue("image")>] name: string) : CacheRows =
        let pixels = NdArray<float32>([| images.Count; images.BandCount; images.Height; images.Width |], images.Pixels)
        CacheRows(Array.append [| CacheValues.Tensor(name, pixels) |] columns)

    override _.ToString() =
        let names = String.Join(", ", columns |> Seq.map _.Column.Name)
        if columns.Length = 0 then string images else $"{images} with {names}"
