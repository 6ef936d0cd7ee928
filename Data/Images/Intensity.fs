namespace Hybrid.Data.Images

open System
open System.Numerics.Tensors
open Hybrid.Data.Statistics

/// Transforms of pixel values. Those "per image" see one image at a time, all bands together; those "per band" see one band of
/// the whole set.
[<AbstractClass; Sealed>]
type Intensity =

    /// clip((x − low)/(high − low), 0, 1). CYGNO's camera images: low 60, high 130 ADU.
    static member Window(images: ImageSet, low: float, high: float) : ImageSet =
        if not (high > low) then
            invalidArg (nameof high) $"Intensity.Window: expected low < high, got {low} and {high}."

        let scale = 1.0 / (high - low)
        images.MapPlanes(images.Height, images.Width, PlaneFill(fun source target ->
            for i in 0 .. source.Length - 1 do
                target[i] <- float32 (Math.Clamp((float source[i] - low) * scale, 0.0, 1.0))))

    /// (x − min)/(max − min) of each image: in [0, 1]. A constant image becomes 0.
    static member MinMaxPerImage(images: ImageSet) : ImageSet =
        images.MapImages(images.Bands, images.Height, images.Width, ImageFill(fun _ source target ->
            let low, high = TensorPrimitives.Min source, TensorPrimitives.Max source

            if high > low then
                let scale = 1.0 / (float high - float low)
                for i in 0 .. source.Length - 1 do
                    target[i] <- float32 ((float source[i] - float low) * scale)
            else
                target.Clear()))

    /// (x − mean)/deviation of each image, with the population deviation. A constant image becomes 0.
    static member ZScorePerImage(images: ImageSet) : ImageSet =
        images.MapImages(images.Bands, images.Height, images.Width, ImageFill(fun _ source target ->
            let { Mean = mean; Deviation = deviation } = BandStatistics.MeanAndDeviation source
            Intensity.Standardise(source, target, mean, deviation)))

    /// (x − mean)/deviation with one mean and population deviation for each band of the whole set.
    static member ZScorePerBand(images: ImageSet) : ImageSet =
        let moments = Array.init images.BandCount (fun b -> BandStatistics.MeanAndDeviation(ReadOnlySpan(images.BandValues b)))
        Intensity.StandardiseBands(images, moments |> Array.map _.Mean, moments |> Array.map _.Deviation)

    /// (x − mean)/deviation with the means and deviations of another set, such as the training set: one for each band.
    static member StandardiseBands(images: ImageSet, means: float[], deviations: float[]) : ImageSet =
        if means.Length <> images.BandCount || deviations.Length <> images.BandCount then
            invalidArg (nameof means) $"Intensity.StandardiseBands: expected {images.BandCount} means and deviations, got {means.Length} \
                and {deviations.Length}."

        let plane = images.PlaneSize

        images.MapImages(images.Bands, images.Height, images.Width, ImageFill(fun _ source target ->
            for b in 0 .. means.Length - 1 do
                Intensity.Standardise(source.Slice(b * plane, plane), target.Slice(b * plane, plane), means[b], deviations[b])))

    static member private Standardise(source: ReadOnlySpan<float32>, target: Span<float32>, mean: float, deviation: float) =
        if deviation > 0.0 then
            for i in 0 .. source.Length - 1 do
                target[i] <- float32 ((float source[i] - mean) / deviation)
        else
            target.Clear()

    /// asinh(x/softening): linear near 0, logarithmic far from it. softening : > 0, in the pixels' unit.
    static member Asinh(images: ImageSet, softening: float) : ImageSet =
        if not (softening > 0.0) then
            invalidArg (nameof softening) $"Intensity.Asinh: expected a softening > 0, got {softening}."

        images.MapPlanes(images.Height, images.Width, PlaneFill(fun source target ->
            for i in 0 .. source.Length - 1 do
                target[i] <- float32 (Math.Asinh(float source[i] / softening))))

    /// ln(x + offset); values at or below −offset become ln of the smallest positive number a float32 distinguishes from 0.
    static member Log(images: ImageSet, offset: float) : ImageSet =
        images.MapPlanes(images.Height, images.Width, PlaneFill(fun source target ->
            for i in 0 .. source.Length - 1 do
                target[i] <- float32 (log (max (float source[i] + offset) 1.17549435e-38))))

    /// Values clipped to [low, high].
    static member Clip(images: ImageSet, low: float32, high: float32) : ImageSet =
        if not (high >= low) then
            invalidArg (nameof high) $"Intensity.Clip: expected low ≤ high, got {low} and {high}."

        images.MapPlanes(images.Height, images.Width, PlaneFill(fun source target ->
            for i in 0 .. source.Length - 1 do
                target[i] <- Math.Clamp(source[i], low, high)))

    /// Each band clipped to two percentiles of its values over the whole set, with numpy's linear interpolation.
    /// highPercent, lowPercent : one a band; lowPercent 0.5 cuts the lowest half percent.
    static member ClipPercentiles(images: ImageSet, lowPercent: float[], highPercent: float[]) : ImageSet =
        let { Low = low; High = high } = BandStatistics.Percentiles(images, lowPercent, highPercent)
        Intensity.ClipBands(images, low, high)

    /// Each band clipped to two limits of its own, such as percentiles of the training set.
    static member ClipBands(images: ImageSet, low: float[], high: float[]) : ImageSet =
        if low.Length <> images.BandCount || high.Length <> images.BandCount then
            invalidArg (nameof low) $"Intensity.ClipBands: expected {images.BandCount} lower and upper limits, one of each a band, got \
                {low.Length} and {high.Length}."

        for b in 0 .. low.Length - 1 do
            if not (low[b] <= high[b]) then
                invalidArg (nameof low) $"Intensity.ClipBands, band {images.Bands[b]}: expected a lower limit ≤ the upper one, got \
                    {low[b]} and {high[b]}."

        let plane = images.PlaneSize

        images.MapImages(images.Bands, images.Height, images.Width, ImageFill(fun _ source target ->
            for b in 0 .. low.Length - 1 do
                let low, high = float32 low[b], float32 high[b]
                for i in b * plane .. (b + 1) * plane - 1 do
                    target[i] <- Math.Clamp(source[i], low, high)))

    /// Pixels equal to `marker` become `value`: the lens-finding challenges mark masked pixels with exactly 100.
    static member ReplaceMarked(images: ImageSet, marker: float32, value: float32) : ImageSet =
        images.MovePlanes(images.Height, images.Width, PlaneFill(fun source target ->
            for i in 0 .. source.Length - 1 do
                target[i] <- if source[i] = marker then value else source[i]))

    /// Pixels that are not finite become `value`.
    static member ReplaceMissing(images: ImageSet, value: float32) : ImageSet =
        images.MovePlanes(images.Height, images.Width, PlaneFill(fun source target ->
            for i in 0 .. source.Length - 1 do
                target[i] <- if Single.IsFinite source[i] then source[i] else value))
