namespace Hybrid.Data.Systems.EinsteinRadius

open System
open Hybrid.Data.Images
open Hybrid.Data.Lensing

/// What is done to fluxes at zero point 30 in g, r and i before a network sees them, by name.
[<AbstractClass; Sealed>]
type RadiusPreprocessing =

    /// Deviation of the sky in the survey's coadds at zero point 30: g, r, i of real stamps.
    static member Sky: float[] = [| 2.7; 3.8; 6.7 |]

    /// The unit of the asinh in deviations of the sky.
    static member val SoftSkies = 3.0

    /// The original's percentiles: clipped above the 99.6th, and below the (100 − 99.5)th.
    static member HighPercent = 99.6
    static member LowPercent = 0.5

    /// Names, the default first. asinh: asinh(x/3σ) with σ the sky of each band. clip-z: the original's, clipped to percentiles and
    /// z-scored by band, with the set's own statistics. raw: x/100, fluxes but for a constant that every set shares.
    static member Names = [| "asinh"; "clip-z"; "raw" |]

    /// Throws ArgumentException, which lists the names, for another one.
    static member Check(name: string) : unit =
        if not (Array.contains name RadiusPreprocessing.Names) then
            let known = String.Join(", ", RadiusPreprocessing.Names)
            invalidArg "preprocessing" $"preprocessing: expected one of {known}, got '{name}'."

    /// The recipe by a name.
    /// reference : fluxes of the set itself, or of the set whose statistics clip and scale it (clip-z): training images for simulations,
    /// those to adapt on for real ones. Others do not read it.
    static member Of(name: string, reference: Lazy<ImageSet>) : Recipe =
        RadiusPreprocessing.Check name
        let found = ImageStep.ReplaceMissing 0f
        let none = Array.zeroCreate<float> RadiusPreprocessing.Sky.Length

        match name with
        | "asinh" ->
            let unit = RadiusPreprocessing.Sky |> Array.map (fun sky -> RadiusPreprocessing.SoftSkies * sky)
            Recipe(found, ImageStep.StandardiseBands(none, unit), ImageStep.Asinh 1.0)
        | "clip-z" ->
            let images = reference.Value
            let bands = images.BandCount
            let { Low = low; High = high } =
                BandStatistics.Percentiles(images, Array.create bands RadiusPreprocessing.LowPercent,
                                           Array.create bands RadiusPreprocessing.HighPercent)
            let clipped = Intensity.ClipBands(images, low, high)
            let moments = Array.init bands (fun b -> BandStatistics.MeanAndDeviation(ReadOnlySpan(clipped.BandValues b)))
            Recipe(found, ImageStep.ClipBands(low, high),
                   ImageStep.StandardiseBands(moments |> Array.map _.Mean, moments |> Array.map _.Deviation))
        | _ -> Recipe(found, ImageStep.StandardiseBands(none, Array.create RadiusPreprocessing.Sky.Length 100.0))
