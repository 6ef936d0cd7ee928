namespace Hybrid.Data.Images

open System
open System.Collections.Generic
open System.Numerics.Tensors
open System.Runtime.InteropServices
open Hybrid.Data.Statistics

/// Numbers that describe one band of a set.
[<Sealed>]
type BandSummary internal (band: string, count: int, missing: int, minimum: float, maximum: float, mean: float, deviation: float) =
    member _.Band = band
    /// Finite values.
    member _.Count = count
    /// Values that are not finite.
    member _.Missing = missing
    member _.Minimum = minimum
    member _.Maximum = maximum
    member _.Mean = mean
    /// Population standard deviation.
    member _.Deviation = deviation

    override _.ToString() = FormattableString.Invariant $"{band}: {minimum:E3} to {maximum:E3}, mean {mean:E3}, deviation {deviation:E3}, \
        {missing} of {count + missing} missing"

/// Mean and population standard deviation.
[<Struct>]
type Moments = { Mean: float; Deviation: float }

/// A low and a high percentile, one a band.
type BandPercentiles = { Low: float[]; High: float[] }

/// Smallest and largest value.
[<Struct>]
type ValueRange = { Lowest: float32; Highest: float32 }

/// Two bands of one image that hold the same numbers: a band was copied where another was missing.
[<Sealed>]
type DuplicateBand internal (image: int, first: string, second: string) =
    member _.Image = image
    member _.First = first
    member _.Second = second
    override _.ToString() = $"image {image}: bands {first} and {second} are identical"

/// Statistics of the bands of a set, and what they are used for.
[<AbstractClass; Sealed>]
type BandStatistics =

    /// Mean and population deviation in two passes of float64.
    static member MeanAndDeviation(values: ReadOnlySpan<float32>) : Moments =
        if values.Length = 0 then
            invalidArg (nameof values) "BandStatistics.MeanAndDeviation: expected at least one value, got none."

        let mutable sum = 0.0

        for v in values do
            sum <- sum + float v

        let mean = sum / float values.Length
        let mutable squares = 0.0

        for v in values do
            let d = float v - mean
            squares <- squares + d * d

        { Mean = mean; Deviation = sqrt (squares / float values.Length) }

    /// One summary a band; values that are not finite are counted and left out.
    static member Summarise(images: ImageSet) : BandSummary[] =
        images.Bands
        |> Array.mapi (fun b band ->
            let all = images.BandValues b
            let finite = all |> Array.filter Single.IsFinite

            if finite.Length = 0 then
                BandSummary(band, 0, all.Length, nan, nan, nan, nan)
            else
                let { Mean = mean; Deviation = deviation } = BandStatistics.MeanAndDeviation(ReadOnlySpan finite)
                BandSummary(band, finite.Length, all.Length - finite.Length, float (Array.min finite), float (Array.max finite), mean,
                            deviation))

    /// A low and a high percentile of each band over the whole set.
    static member Percentiles(images: ImageSet, lowPercent: float[], highPercent: float[]) : BandPercentiles =
        if lowPercent.Length <> images.BandCount || highPercent.Length <> images.BandCount then
            invalidArg (nameof lowPercent) $"BandStatistics.Percentiles: expected {images.BandCount} low and high percentiles, one a \
                band, got {lowPercent.Length} and {highPercent.Length}."

        let pairs =
            Array.init images.BandCount (fun b ->
                let values = images.BandValues b
                Array.sortInPlace values
                Percentile.OfSorted(ReadOnlySpan values, lowPercent[b]), Percentile.OfSorted(ReadOnlySpan values, highPercent[b]))

        { Low = Array.map fst pairs; High = Array.map snd pairs }

    /// The k largest values, ascending.
    static member Largest(values: ReadOnlySpan<float32>, k: int) : float32[] =
        if k < 0 || k > values.Length then
            raise (ArgumentOutOfRangeException(nameof k, k, $"BandStatistics.Largest: expected k in 0 … {values.Length}, got {k}."))

        let heap = PriorityQueue<float32, float32>(k + 1)

        for v in values do
            if heap.Count < k then
                heap.Enqueue(v, v)
            elif k > 0 && v > heap.Peek() then
                heap.DequeueEnqueue(v, v) |> ignore

        Array.init k (fun _ -> heap.Dequeue())

    /// The k smallest values, ascending.
    static member Smallest(values: ReadOnlySpan<float32>, k: int) : float32[] =
        let negated = Array.zeroCreate<float32> values.Length
        TensorPrimitives.Negate(values, Span negated)
        BandStatistics.Largest(ReadOnlySpan negated, k) |> Array.map (~-) |> Array.rev

    /// Smallest and largest value of both.
    static member Domain(first: ReadOnlySpan<float32>, second: ReadOnlySpan<float32>) : ValueRange =
        { Lowest = min (TensorPrimitives.Min first) (TensorPrimitives.Min second)
          Highest = max (TensorPrimitives.Max first) (TensorPrimitives.Max second) }

    /// Pairs of bands that are equal bit for bit, image by image. Blank planes (one value throughout) are not counted.
    static member FindDuplicateBands(images: ImageSet) : DuplicateBand[] =
        let bands = images.Bands

        let isBlank i a =
            let plane = images.Plane(i, a)
            not (plane.ContainsAnyExcept plane[0])

        let isSame i a b =
            let first = MemoryMarshal.AsBytes(images.Plane(i, a))
            first.SequenceEqual(MemoryMarshal.AsBytes(images.Plane(i, b)))

        [| for i in 0 .. images.Count - 1 do
               for a in 0 .. bands.Length - 1 do
                   for b in a + 1 .. bands.Length - 1 do
                       if isSame i a b && not (isBlank i a) then
                           DuplicateBand(i, bands[a], bands[b]) |]

    /// Each band's values moved, rank by rank, to the distribution of the same band in `target`: quantile mapping over `quantiles`
    /// evenly spaced percentiles, linear between them. Order within a band is kept.
    static member MatchDistributions(images: ImageSet, target: ImageSet, quantiles: int) : ImageSet =
        if quantiles < 2 then
            raise (ArgumentOutOfRangeException(nameof quantiles, quantiles,
                                               $"BandStatistics.MatchDistributions: expected at least 2 quantiles, got {quantiles}."))

        let table (set: ImageSet) band =
            let values = set.BandValues(set.BandIndex band)
            Array.sortInPlace values
            Array.init quantiles (fun q -> Percentile.OfSorted(ReadOnlySpan values, 100.0 * float q / float (quantiles - 1)))

        let tables = images.Bands |> Array.map (fun band -> table images band, table target band)
        let plane = images.PlaneSize

        images.MapImages(images.Bands, images.Height, images.Width, ImageFill(fun _ source mapped ->
            for b in 0 .. tables.Length - 1 do
                let own, goal = tables[b]

                for i in b * plane .. (b + 1) * plane - 1 do
                    let v = float source[i]
                    let found = Array.BinarySearch(own, v)

                    mapped[i] <-
                        if found >= 0 then
                            float32 goal[found]
                        else
                            let above = ~~~found

                            if above = 0 then float32 goal[0]
                            elif above >= quantiles then float32 goal[quantiles - 1]
                            else
                                let t = (v - own[above - 1]) / (own[above] - own[above - 1])
                                float32 (goal[above - 1] + t * (goal[above] - goal[above - 1]))))

    /// Each band scaled and shifted to the mean and deviation of the same band in `target`.
    static member MatchMoments(images: ImageSet, target: ImageSet) : ImageSet =
        let factors =
            images.Bands
            |> Array.mapi (fun b band ->
                let { Mean = mean; Deviation = deviation } = BandStatistics.MeanAndDeviation(ReadOnlySpan(images.BandValues b))
                let goal = target.BandValues(target.BandIndex band)
                let { Mean = goalMean; Deviation = goalDeviation } = BandStatistics.MeanAndDeviation(ReadOnlySpan goal)
                let scale = if deviation > 0.0 then goalDeviation / deviation else 0.0
                struct (scale, goalMean - scale * mean))

        let plane = images.PlaneSize

        images.MapImages(images.Bands, images.Height, images.Width, ImageFill(fun _ source mapped ->
            for b in 0 .. factors.Length - 1 do
                let struct (scale, shift) = factors[b]
                for i in b * plane .. (b + 1) * plane - 1 do
                    mapped[i] <- float32 (float source[i] * scale + shift)))

    static member private BinCounts(values: float[], granularity: int) : struct (int[] * int[]) =
        if granularity < 2 || values.Length = 0 then
            invalidArg (nameof granularity) $"BandStatistics.SampleWeights: expected values and a granularity of at least 2, got \
                {values.Length} values and {granularity}."

        let low, high = Array.min values - 1e-7, Array.max values + 1e-7
        let bins = granularity - 1
        let places = values |> Array.map (fun v -> min (bins - 1) (int (float bins * (v - low) / (high - low))))
        let counts = Array.zeroCreate<int> bins
        places |> Array.iter (fun bin -> counts[bin] <- counts[bin] + 1)
        struct (places, counts)

    /// For each value the share of all values in its bin: the density that SampleWeights evens out, with the same bins.
    static member SampleDensities(values: float[], granularity: int) : float[] =
        let struct (places, counts) = BandStatistics.BinCounts(values, granularity)
        places |> Array.map (fun bin -> float counts[bin] / float values.Length)

    /// Weights that even out a distribution: with n − 1 bins between n edges from min − 1e-7 to max + 1e-7, the largest bin mass
    /// over the mass of the value's own bin. At least 1. The Einstein-radius work uses granularity 100.
    static member SampleWeights(values: float[], granularity: int) : float[] =
        let struct (places, counts) = BandStatistics.BinCounts(values, granularity)
        let largest = float (Array.max counts)
        places |> Array.map (fun bin -> largest / float counts[bin])
