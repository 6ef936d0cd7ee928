namespace Hybrid.Data.Systems.Cygno

open System
open System.Threading.Tasks
open Hybrid.Data.Statistics
open MathNet.Numerics
open MathNet.Numerics.Distributions

/// The exact likelihood of a simulated image: what no classifier can beat, and the yardstick of those that are trained.
///
/// Clusters of light are Poisson-distributed and placed independently, so that each pixel has a Poisson number of them of its own: given
/// kind and energy (and the track, where there is one), pixels are independent. With λ the mean number of clusters in a pixel and θ a
/// cluster's mean light, the light is a sum of Poisson(λ) exponentials, a gamma distribution for each number of them; the background is a
/// rounded normal. An unknown track is averaged over drawn ones, which makes the likelihood of electrons from 20 keV on, and so the limit,
/// a little too small.
///   simulator : background and clusters.
///   size : pixels each way of the images, the middle ones of what was simulated.
///   low, high : ADU between which values are known; those outside count as the nearer end, as after windowing.
///   tracks : how many tracks are drawn for an average.
[<Sealed>]
type RecoilLikelihood(simulator: RecoilSimulator, size: int, low: int, high: int, tracks: int, seed: int64) =
    do
        if size < 1 then
            raise (ArgumentOutOfRangeException(nameof size, $"RecoilLikelihood: expected a size of at least 1 pixel, got {size}."))

        if low < 0 || high > 255 || high <= low then
            raise (ArgumentException $"RecoilLikelihood: expected a window inside 0 to 255 ADU, got {low} to {high}.")

        if tracks < 1 then
            raise (ArgumentOutOfRangeException(nameof tracks, $"RecoilLikelihood: expected at least 1 track, got {tracks}."))

    let levels = high - low + 1

    /// More clusters than this in one pixel do not occur: λ is below 20 for 35 keV in one place.
    let mostClusters = 160

    /// P(background = b) for b = 0 … 255.
    let background =
        let below (x: float) = Normal.CDF(simulator.BackgroundMean, simulator.BackgroundDeviation, x)
        let values = Array.init 256 (fun b -> below (float b + 0.5) - below (float b - 0.5))
        let total = Array.sum values
        values |> Array.map (fun p -> p / total)

    /// Of k exponentials of mean θ: the probability that their sum is nearest to v, for each k and v = 0 … 255.
    let sums (theta: float) =
        Array.init (mostClusters + 1) (fun k ->
            if k = 0 then
                Array.init 256 (fun v -> if v = 0 then 1.0 else 0.0)
            else
                let below v = if v <= 0.0 then 0.0 else SpecialFunctions.GammaLowerRegularized(float k, v / theta)
                Array.init 256 (fun v -> below (float v + 0.5) - below (float v - 0.5)))

    let electronSums, nuclearSums = sums simulator.ElectronClusterLight, sums simulator.NuclearClusterLight

    /// The distribution of a windowed pixel with λ clusters in the mean, levels low … high.
    let pixel (kind: Recoil) (lambda: float) : float[] =
        let table = if kind = Recoil.Nuclear then nuclearSums else electronSums
        let light = Array.zeroCreate<float> 256
        let mutable weight = exp -lambda
        let mutable k = 0
        let last = min mostClusters (int (lambda + 12.0 * sqrt lambda + 12.0))

        while k <= last do
            let row = table[k]

            for v in 0..255 do
                light[v] <- light[v] + weight * row[v]

            k <- k + 1
            weight <- weight * lambda / float k

        let windowed = Array.zeroCreate<float> levels

        for b in 0..255 do
            if background[b] > 1e-15 then
                for v in 0..255 do
                    let level = Math.Clamp(b + v, low, high) - low
                    windowed[level] <- windowed[level] + background[b] * light[v]

        // What a sum leaves over is brighter than 255.
        windowed[levels - 1] <- windowed[levels - 1] + max 0.0 (1.0 - Array.sum windowed)
        windowed

    /// The share of the light in each pixel, for light around the points of a track.
    let shares (kind: Recoil) (x: float[]) (y: float[]) : float[] =
        let sigma = RecoilSimulator.SpreadPixels kind
        let middle = float (size - 1) / 2.0
        let meanX, meanY = Array.average x, Array.average y

        let along (centre: float) =
            let below (at: float) = Normal.CDF(centre, sigma, at)
            Array.init size (fun i -> below (float i + 0.5) - below (float i - 0.5))

        let result = Array.zeroCreate<float> (size * size)

        for k in 0 .. x.Length - 1 do
            let columns, rows = along (middle + x[k] - meanX), along (middle + y[k] - meanY)

            for r in 0 .. size - 1 do
                for c in 0 .. size - 1 do
                    result[r * size + c] <- result[r * size + c] + rows[r] * columns[c] / float x.Length

        result

    /// The tracks of an average; one point for recoils without.
    let tracksOf (kind: Recoil) (energy: float) =
        if RecoilSimulator.HasTrack(kind, energy) then
            [| for t in 0 .. tracks - 1 -> RecoilSimulator.DrawTrack(SeededRandom.For(seed, 13L, int64 t)) |]
        else
            [| struct ([| 0.0 |], [| 0.0 |]) |]

    /// Pixels whose λ differ by less than half a percent share a table, that of the middle: far less than an image could tell.
    let quantum = 5e-3
    let cell (lambda: float) = if lambda < 1e-9 then Int32.MinValue else int (Math.Round(log lambda / quantum))
    let middle (cell: int) = if cell = Int32.MinValue then 0.0 else exp (quantum * float cell)

    /// For each pixel of a class and track the row of logarithms of its level's probability.
    let tables (kind: Recoil) (energy: float) : float[][][] =
        let clusters = RecoilSimulator.Light(kind, energy) / simulator.ClusterLight kind
        let known = System.Collections.Concurrent.ConcurrentDictionary<int, float[]>()

        tracksOf kind energy
        |> Array.map (fun (struct (x, y)) ->
            let lambdas = shares kind x y |> Array.map (fun share -> clusters * share)

            Array.Parallel.map
                (fun lambda ->
                    known.GetOrAdd(cell lambda, fun cell -> pixel kind (middle cell) |> Array.map (fun p -> log (max p 1e-300))))
                lambdas)

    new(size: int) = RecoilLikelihood(RecoilSimulator(), size, 60, 130, 100, 1L)

    member _.Size = size

    /// log p(image | kind, energy) of each image and class, up to nothing.
    ///   images : (N, size, size) as they are windowed: 0 for `low`, 1 for `high`.
    ///   classes : kinds and energies in keV.
    /// Returns (N, classes).
    member _.LogLikelihoods(images: float32[], classes: struct (Recoil * float)[]) : float[][] =
        let area = size * size

        if images.Length % area <> 0 then
            let message = $"RecoilLikelihood: expected images of {size} × {size} values, got {images.Length} values."
            raise (ArgumentException(message, nameof images))

        let count = images.Length / area
        let result = Array.init count (fun _ -> Array.zeroCreate<float> classes.Length)

        classes
        |> Array.iteri (fun c (struct (kind, energy)) ->
            let tables = tables kind energy

            Parallel.For(0, count, fun i ->
                let sums =
                    tables
                    |> Array.map (fun table ->
                        let mutable sum = 0.0

                        for p in 0 .. area - 1 do
                            let level = int (MathF.Round(images[i * area + p] * float32 (levels - 1)))
                            sum <- sum + table[p].[Math.Clamp(level, 0, levels - 1)]

                        sum)

                let most = Array.max sums
                result[i][c] <- most + log (sums |> Array.averageBy (fun sum -> exp (sum - most))))
            |> ignore)

        result

    /// The log of the likelihood ratio of nuclear against electron recoils, each class of a kind as likely as the others.
    ///   logLikelihoods : (N, classes).
    static member Scores(logLikelihoods: float[][], classes: struct (Recoil * float)[]) : float[] =
        let mean (row: float[]) (kind: Recoil) =
            let values = [| for c in 0 .. classes.Length - 1 do let struct (k, _) = classes[c] in if k = kind then row[c] |]

            if values.Length = 0 then
                raise (ArgumentException($"RecoilLikelihood.Scores: expected classes of both kinds, got none of {kind}.", nameof classes))

            let most = Array.max values
            most + log (values |> Array.averageBy (fun value -> exp (value - most)))

        logLikelihoods |> Array.map (fun row -> mean row Recoil.Nuclear - mean row Recoil.Electron)

    /// The smallest standard deviation, in keV, that an unbiased estimate of the energy can have at an energy (Cramér and Rao), averaged
    /// over tracks where there are any, each taken as known.
    member _.EnergyBound(kind: Recoil, energy: float) : float =
        let clusterLight = simulator.ClusterLight kind
        let step = 1e-3 * energy

        let information (struct (x, y)) =
            let shares = shares kind x y
            let lambda e (share: float) = RecoilSimulator.Light(kind, e) / clusterLight * share

            shares
            |> Array.Parallel.map (fun share ->
                let above, below = pixel kind (lambda (energy + step) share), pixel kind (lambda (energy - step) share)
                let mutable sum = 0.0

                for level in 0 .. levels - 1 do
                    let p = 0.5 * (above[level] + below[level])
                    if p > 1e-12 then
                        let slope = (above[level] - below[level]) / (2.0 * step)
                        sum <- sum + slope * slope / p

                sum)
            |> Array.sum

        let some = tracksOf kind energy |> Array.truncate 8
        1.0 / sqrt (some |> Array.averageBy information)
