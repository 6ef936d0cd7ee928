namespace Hybrid.Data.Systems.EinsteinRadius

open System
open System.Collections.Generic
open System.Globalization
open System.Runtime.InteropServices
open System.Threading
open Hybrid.Data
open Hybrid.Data.Formats
open Hybrid.Data.Statistics
open Hybrid.Data.Images

/// What adjusting one band's distribution did.
[<Sealed>]
type BandAdjustment
    internal
    (
        band: string,
        minimum: float,
        maximum: float,
        low: float,
        high: float,
        smallest: float32[],
        largest: float32[],
        mean: float,
        deviation: float
    ) =
    member _.Band = band
    /// Smallest and largest value before.
    member _.Minimum = minimum
    member _.Maximum = maximum
    /// The percentiles the band was clipped to.
    member _.Low = low
    member _.High = high
    /// The k smallest and largest values before, ascending.
    member _.Smallest = smallest
    member _.Largest = largest
    /// Mean and population deviation of the clipped band, before it was normalised.
    member _.Mean = mean
    member _.Deviation = deviation

    override _.ToString() =
        FormattableString.Invariant $"{band} | Max: {maximum:E3} Min: {minimum:E3} P_max: {high:E3} P_min: {low:E3}"

/// Images with one target each: the data set of the Einstein-radius work, with its operations.
[<Sealed>]
type LensDataset(name: string, inputs: ImageSet, outputs: float[], sampleIds: string[]) =
    do
        if outputs.Length <> inputs.Count then
            invalidArg (nameof outputs) $"LensDataset '{name}': expected {inputs.Count} target{Plural.s inputs.Count}, one an image, got \
                {outputs.Length}."

        if sampleIds.Length <> 0 && sampleIds.Length <> inputs.Count then
            invalidArg (nameof sampleIds) $"LensDataset '{name}': expected {inputs.Count} ids or none, got {sampleIds.Length}."

    member _.Name = name
    member _.Inputs = inputs
    /// Targets, such as θ_E in arcsec.
    member _.Outputs = outputs
    /// Ids of the samples; empty when they have none.
    member _.SampleIds = sampleIds

    /// Images of a lens finding challenge with their Einstein radii as targets and their ids: what LensChallenge.Select kept, for instance.
    /// Objects with a file that cannot be read fail the load, or are left out, as the options say.
    static member Load
        (
            name: string,
            challenge: LensChallenge,
            items: IReadOnlyList<LensChallengeObject>,
            options: FitsSetOptions,
            [<Optional; DefaultParameterValue(null: IProgress<LoadProgress> | null)>] progress: IProgress<LoadProgress> | null,
            [<Optional>] cancellation: CancellationToken
        ) : LensDataset =
        let planes = [| for item in items -> [| for file in item.Files -> FitsPlane.Of file |] :> IReadOnlyList<FitsPlane> |]
        let set = FitsSet.LoadPlanes(planes, options, progress, cancellation)
        let kept = [| for i in set.Indices -> items[i] |]
        let shape = set.Pixels.Shape
        let images = ImageSet(set.Pixels.Values, Seq.toArray challenge.Bands, shape[2], shape[3])
        LensDataset(name, images, kept |> Array.map _.EinsteinRadiusArcsec,
                    kept |> Array.map (fun item -> item.Id.ToString CultureInfo.InvariantCulture))

    /// Name, shapes and types, one a line.
    member _.Describe() : string =
        String.Join("\n",
            [ name
              $"inputs  ({inputs.Count}, {inputs.BandCount}, {inputs.Height}, {inputs.Width}) float32, \
                  bands " + String.Join(" ", inputs.Bands)
              $"outputs ({outputs.Length}) float64"
              $"ids     ({sampleIds.Length})" ])

    member private _.With(inputs: ImageSet) = LensDataset(name, inputs, outputs, sampleIds)

    /// A transform of the images.
    member data.Apply(recipe: Recipe, seed: int64) = data.With(recipe.Apply(inputs, seed))

    member data.Resize(height: int, width: int) = data.With(Resize.To(inputs, height, width, Interpolation.Bilinear))

    /// (x − mean)/deviation for each band over the whole set.
    member data.Normalise() = data.With(Intensity.ZScorePerBand inputs)

    /// The samples at these places.
    member _.Take(indices: int[]) =
        let at (items: 'T[]) = if items.Length = 0 then items else indices |> Array.map (fun i -> items[i])
        LensDataset(name, inputs.Take indices, at outputs, at sampleIds)

    /// Clips each band to its percentiles and, with `normalise`, z-scores the clipped band. As in the original, the inputs change
    /// only when `normalise` is set; without it the result says what would be clipped.
    /// maxPercent, minPercent : one a band; minPercent 99.5 clips below the (100 − 99.5)th percentile, as −percentile(−x, 99.5).
    /// topK : how many of the smallest and largest values to report.
    member data.AdjustDistributions(maxPercent: float[], minPercent: float[], normalise: bool, topK: int) : AdjustedDataset =
        if maxPercent.Length <> inputs.BandCount || minPercent.Length <> inputs.BandCount then
            invalidArg (nameof maxPercent) $"LensDataset '{name}'.AdjustDistributions: expected {inputs.BandCount} \
                percentile{Plural.s inputs.BandCount}, one a band, got {maxPercent.Length} for the maximum and {minPercent.Length} for \
                the minimum."

        let plane = inputs.PlaneSize

        let adjusted =
            Array.init inputs.BandCount (fun b ->
                let values = inputs.BandValues b
                let sorted = Array.sort values
                let high = Percentile.OfSorted(ReadOnlySpan sorted, maxPercent[b])
                let low = Percentile.OfSorted(ReadOnlySpan sorted, 100.0 - minPercent[b])
                // numpy's clip lets the upper limit win where the limits cross.
                let clipped = values |> Array.map (fun v -> min (max v (float32 low)) (float32 high))
                let { Mean = mean; Deviation = deviation } = BandStatistics.MeanAndDeviation(ReadOnlySpan clipped)

                BandAdjustment(
                    inputs.Bands[b], float sorted[0], float sorted[sorted.Length - 1], low, high,
                    BandStatistics.Smallest(ReadOnlySpan values, topK), BandStatistics.Largest(ReadOnlySpan values, topK), mean, deviation
                ))

        if not normalise then
            { Data = data; Bands = adjusted }
        else
            let changed =
                inputs.MapImages(inputs.Bands, inputs.Height, inputs.Width, ImageFill(fun _ source target ->
                    for b in 0 .. adjusted.Length - 1 do
                        let a = adjusted[b]
                        let low, high = float32 a.Low, float32 a.High

                        for i in b * plane .. (b + 1) * plane - 1 do
                            let clipped = min (max source[i] low) high
                            target[i] <- if a.Deviation > 0.0 then float32 ((float clipped - a.Mean) / a.Deviation) else 0f))

            { Data = data.With changed; Bands = adjusted }

    /// One more channel of zeros, after the bands or before them.
    member data.PadBand(band: string, before: bool) : LensDataset =
        let zero = ImageSet(Array.zeroCreate (inputs.Count * inputs.PlaneSize), [| band |], inputs.Height, inputs.Width)
        data.With(if before then zero.AppendBands inputs else inputs.AppendBands zero)

    /// Further channels, resized to this set's size where theirs differs.
    member data.Concatenate(other: ImageSet) : LensDataset =
        let isSame = other.Height = inputs.Height && other.Width = inputs.Width
        let other = if isSame then other else Resize.To(other, inputs.Height, inputs.Width, Interpolation.Bilinear)
        data.With(inputs.AppendBands other)

    /// Each band z-scored, with its mean and deviation before and after.
    member data.PostProcess() : PostProcessedDataset =
        let changed = data.Normalise()
        { Data = changed; Before = BandStatistics.Summarise inputs; After = BandStatistics.Summarise changed.Inputs }

/// A data set with adjusted distributions, and what was done to each band.
and [<NoComparison; ReferenceEquality>] AdjustedDataset = { Data: LensDataset; Bands: BandAdjustment[] }

/// A data set with z-scored bands, and its statistics before and after.
and [<NoComparison; ReferenceEquality>] PostProcessedDataset = { Data: LensDataset; Before: BandSummary[]; After: BandSummary[] }
