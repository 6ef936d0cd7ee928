namespace Hybrid.Data.Images

open System
open System.Collections.Generic
open System.Threading.Tasks
open Hybrid.Data
open Hybrid.Data.Formats

/// Images of one size with named bands: shape (N, bands, H, W), rows from the array's start, band planes one after the other.
/// Transforms make new sets; nothing changes a set that others may hold.
/// zeroPoints : of each band the magnitude of a pixel value of 1; NaN where that is not known, or values are not fluxes. Simulators and
/// readers of surveys say it; what moves, blurs or marks pixels keeps it, what scales values does not.
[<Sealed>]
type ImageSet(pixels: float32[], bands: string[], height: int, width: int, zeroPoints: float[]) =
    do
        if bands.Length = 0 then
            invalidArg (nameof bands) "ImageSet: expected at least one band, got none."

        for band, count in bands |> Seq.countBy id do
            if count > 1 then
                invalidArg (nameof bands) $"ImageSet: expected distinct bands, got '{band}' {count} times."

        if height < 1 || width < 1 then
            invalidArg (nameof height) $"ImageSet: expected a height and width of at least 1, got {height} × {width}."

        if pixels.Length % (bands.Length * height * width) <> 0 then
            invalidArg (nameof pixels) $"ImageSet: expected a whole number of images of {bands.Length} × {height} × {width} values, got \
                {pixels.Length} value{Plural.s pixels.Length}."

        if zeroPoints.Length <> bands.Length then
            invalidArg (nameof zeroPoints) $"ImageSet: expected {bands.Length} zero point{Plural.s bands.Length}, one a band, got \
                {zeroPoints.Length}."

    let bands = Array.copy bands
    let zeroPoints = Array.copy zeroPoints
    let planeSize = height * width
    let imageSize = bands.Length * planeSize

    /// Images whose zero points are not known.
    new(pixels: float32[], bands: string[], height: int, width: int) =
        ImageSet(pixels, bands, height, width, Array.create bands.Length nan)

    /// Arrays as files give them: (N, H, W) of one band, or (N, bands, H, W). Numbers of any real type become floats, unscaled.
    static member OfArray(array: NdArray, [<ParamArray>] bands: string[]) : ImageSet =
        let shape = Seq.toArray array.Shape
        let fits = match shape.Length with 3 -> bands.Length = 1 | 4 -> bands.Length = shape[1] | _ -> false

        if not fits then
            invalidArg (nameof array) $"ImageSet.OfArray: expected shape (N, H, W) for one band or (N, {bands.Length}, H, W), got \
                {Shape.describe shape}."

        ImageSet(array.ToSingles(), bands, shape[shape.Length - 2], shape[shape.Length - 1])

    /// All values, (N, bands, H, W). Not copied: read it, or fill it before the set is handed on.
    member _.Pixels = pixels
    member _.Bands = Array.copy bands
    /// Of each band the magnitude of a pixel value of 1; NaN where it is not known.
    member _.ZeroPoints = Array.copy zeroPoints
    member _.Height = height
    member _.Width = width
    member _.Count = pixels.Length / imageSize
    member _.BandCount = bands.Length
    /// Values of one image.
    member _.ImageSize = imageSize
    /// Values of one band of one image.
    member _.PlaneSize = planeSize

    /// All values of one image, (bands, H, W).
    member _.Image(index: int) : ReadOnlySpan<float32> = ReadOnlySpan(pixels, index * imageSize, imageSize)

    /// One band of one image, (H, W).
    member _.Plane(index: int, band: int) : ReadOnlySpan<float32> = ReadOnlySpan(pixels, index * imageSize + band * planeSize, planeSize)

    /// The place of a band; an error lists the bands there are.
    member _.BandIndex(band: string) : int =
        match Array.IndexOf(bands, band) with
        | -1 ->
            let known = String.Join(", ", bands)
            invalidArg (nameof band) $"ImageSet: no band '{band}' among {known}."
        | index -> index

    /// All values of one band over all images.
    member set.BandValues(band: int) : float32[] =
        let values = Array.zeroCreate<float32> (set.Count * planeSize)

        for i in 0 .. set.Count - 1 do
            set.Plane(i, band).CopyTo(Span(values, i * planeSize, planeSize))

        values

    /// The images at these places, in this order.
    member set.Take(indices: int[]) : ImageSet =
        let taken = Array.zeroCreate<float32> (indices.Length * imageSize)
        indices |> Array.iteri (fun to' from -> set.Image(from).CopyTo(Span(taken, to' * imageSize, imageSize)))
        ImageSet(taken, bands, height, width, zeroPoints)

    /// These bands, in this order.
    member set.SelectBands([<ParamArray>] names: string[]) : ImageSet =
        let places = names |> Array.map set.BandIndex
        let taken = Array.zeroCreate<float32> (set.Count * places.Length * planeSize)

        for i in 0 .. set.Count - 1 do
            places |> Array.iteri (fun b place -> set.Plane(i, place).CopyTo(Span(taken, (i * places.Length + b) * planeSize, planeSize)))

        ImageSet(taken, names, height, width, places |> Array.map (fun place -> zeroPoints[place]))

    /// The same fluxes in the unit of which one is of this magnitude: values times 10^(0.4 (to − from)).
    /// A band whose zero point is not known is an error.
    member set.ToZeroPoint(magnitude: float) : ImageSet =
        if not (Double.IsFinite magnitude) then
            raise (ArgumentOutOfRangeException(nameof magnitude, magnitude,
                                               $"ImageSet.ToZeroPoint: expected a magnitude, got {magnitude}."))

        for b in 0 .. bands.Length - 1 do
            if Double.IsNaN zeroPoints[b] then
                invalidOp $"ImageSet.ToZeroPoint: the zero point of band '{bands[b]}' is not known. Make the set with zero points."

        let factors = zeroPoints |> Array.map (fun from -> float32 (10.0 ** (0.4 * (magnitude - from))))
        let scaled = Array.init pixels.Length (fun i -> pixels[i] * factors[i / planeSize % bands.Length])
        ImageSet(scaled, bands, height, width, Array.create bands.Length magnitude)

    /// The bands of both sets; sizes and counts must agree, names must differ.
    member set.AppendBands(other: ImageSet) : ImageSet =
        if other.Count <> set.Count || other.Height <> height || other.Width <> width then
            invalidArg (nameof other) $"ImageSet.AppendBands: expected {set.Count} image{Plural.s set.Count} of {height} × {width}, got \
                {other.Count} of {other.Height} × {other.Width}."

        let both = imageSize + other.ImageSize
        let joined = Array.zeroCreate<float32> (set.Count * both)

        for i in 0 .. set.Count - 1 do
            set.Image(i).CopyTo(Span(joined, i * both, imageSize))
            other.Image(i).CopyTo(Span(joined, i * both + imageSize, other.ImageSize))

        ImageSet(joined, Array.append bands other.Bands, height, width, Array.append zeroPoints other.ZeroPoints)

    /// The images of all sets; bands, sizes and zero points must agree. A set whose zero points are not known joins others like it only.
    static member Concatenate(sets: IReadOnlyList<ImageSet>) : ImageSet =
        if sets.Count = 0 then
            invalidArg (nameof sets) "ImageSet.Concatenate: expected at least one set, got none."

        let first = sets[0]

        for i in 1 .. sets.Count - 1 do
            if sets[i].ToShape() <> first.ToShape() then
                invalidArg (nameof sets) $"ImageSet.Concatenate: set 0 holds {first.ToShape()}, set {i} holds {sets[i].ToShape()}."

            for band, own, other in Array.zip3 first.Bands first.ZeroPoints sets[i].ZeroPoints do
                let isSame = (Double.IsNaN own && Double.IsNaN other) || abs (own - other) < 1e-9

                if not isSame then
                    let text (v: float) = if Double.IsNaN v then "none" else FormattableString.Invariant $"{v}"
                    invalidArg (nameof sets) $"ImageSet.Concatenate: set 0 has zero point {text own} in band '{band}', set {i} has \
                        {text other}. Bring both to one by ToZeroPoint."

        ImageSet(sets |> Seq.map _.Pixels |> Array.concat, first.Bands, first.Height, first.Width, first.ZeroPoints)

    /// Bands and size of one image: "g r i, 45 × 45".
    member internal _.ToShape() =
        let names = String.Join(" ", bands)
        $"{names}, {height} × {width}"

    override set.ToString() = $"{set.Count} image{Plural.s set.Count} of {set.ToShape()}"

    /// A set of another size and the same count, each image filled by `fill` from its number and its values; in parallel.
    member internal set.MapImages(newBands: string[], newHeight: int, newWidth: int, fill: ImageFill) : ImageSet =
        let size = newBands.Length * newHeight * newWidth
        let filled = Array.zeroCreate<float32> (set.Count * size)
        Parallel.For(0, set.Count, fun i -> fill.Invoke(i, set.Image i, Span(filled, i * size, size))) |> ignore
        ImageSet(filled, newBands, newHeight, newWidth)

    /// The same, plane by plane.
    member internal set.MapPlanes(newHeight: int, newWidth: int, fill: PlaneFill) : ImageSet =
        let newPlane = newHeight * newWidth

        set.MapImages(bands, newHeight, newWidth, ImageFill(fun _ source target ->
            for b in 0 .. bands.Length - 1 do
                fill.Invoke(source.Slice(b * planeSize, planeSize), target.Slice(b * newPlane, newPlane))))

    /// Plane by plane, with the zero points: for what moves or blurs pixels and leaves their unit.
    member internal set.MovePlanes(newHeight: int, newWidth: int, fill: PlaneFill) : ImageSet =
        let moved = set.MapPlanes(newHeight, newWidth, fill)
        ImageSet(moved.Pixels, bands, newHeight, newWidth, zeroPoints)

and internal ImageFill = delegate of int * ReadOnlySpan<float32> * Span<float32> -> unit
and internal PlaneFill = delegate of ReadOnlySpan<float32> * Span<float32> -> unit
