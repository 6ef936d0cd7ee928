namespace Hybrid.Data.Systems.Blase

open System
open System.Runtime.InteropServices
open Hybrid.Data
open Hybrid.Data.Statistics

/// Copies of SEDs with bins deleted, as the two versions of the estimator were trained with.
[<AbstractClass; Sealed>]
type SedAugmentation =

    static member private Filled(row: float[]) = row |> Seq.filter (fun v -> v <> 0.0) |> Seq.length

    /// Draws places by weight.
    static member private Drawer(weights: float[]) =
        let cumulative = Array.scan (+) 0.0 weights |> Array.tail
        let total = cumulative[cumulative.Length - 1]

        fun (random: SeededRandom) ->
            let found = Array.BinarySearch(cumulative, random.NextDouble() * total)
            // A drawn value on an edge belongs to the next place; places of weight 0 are never drawn.
            let mutable place = min (weights.Length - 1) (if found >= 0 then found + 1 else ~~~found)
            while place > 0 && weights[place] = 0.0 do
                place <- place - 1
            place

    /// Edges of label bins for OverSample: `count` bins of one width from the smallest to the largest label, of which the first and the
    /// last `joined` are one bin each, as labels are rare at the ends. Version 1 has 37 and 4, which leaves 31. The first edge lies just
    /// below the smallest label, so that it is inside.
    static member LabelEdges(labels: float[], count: int, joined: int) : float[] =
        if labels.Length = 0 then
            invalidArg (nameof labels) "SedAugmentation.LabelEdges: expected at least one label, got none."

        if joined < 1 || count < 2 * joined then
            raise (ArgumentOutOfRangeException(nameof count, count, $"SedAugmentation.LabelEdges: expected joined ≥ 1 and at least \
                {2 * joined} bins to join {joined} at either end, got {count} bin{Plural.s count}."))

        let low, high = Array.min labels, Array.max labels

        if not (low < high) then
            invalidArg (nameof labels) $"SedAugmentation.LabelEdges: all {labels.Length} labels are {low}; bins need at least two values."

        let width = (high - low) / float count

        [| low - 1e-6 * width
           for i in joined .. count - joined do
               low + float i * width
           high |]

    /// Version 1: every label bin is brought to `binSize` SEDs by copies drawn with replacement, and each copy loses up to
    /// `deletions` bins, drawn with replacement with probabilities hist^power: bins that are filled often at this label go first.
    /// Originals stay whole. SEDs outside the label edges, and rows with fewer than `leastFilled` filled bins, are left out.
    /// labelEdges : rising, bins (e_i, e_{i+1}] as numpy.digitize(right = True);  the original: 90, 15, 4.0, 5.
    /// keepFuller : a label bin that holds `binSize` SEDs or more keeps them and gets no copies; without it, as in the original, that is an
    /// error.
    static member OverSample
        (
            seds: BinnedSeds, labelEdges: float[], binSize: int, deletions: int, power: float, leastFilled: int, seed: int64,
            [<Optional; DefaultParameterValue(false)>] keepFuller: bool
        ) : BinnedSeds =
        let labelBins = labelEdges.Length - 1

        if labelBins < 1 then
            invalidArg (nameof labelEdges) $"SedAugmentation.OverSample: expected at least two label edges, got {labelEdges.Length}."

        for i in 1 .. labelBins do
            if not (labelEdges[i] > labelEdges[i - 1]) then
                invalidArg (nameof labelEdges) $"SedAugmentation.OverSample: expected edges that rise, got {labelEdges[i - 1]} followed \
                    by {labelEdges[i]}."

        /// (e_i, e_{i+1}]; −1 outside.
        let labelBin label =
            let found = Array.BinarySearch(labelEdges, label)
            let place = if found >= 0 then found - 1 else ~~~found - 1
            if place >= labelBins then -1 else place

        let members = Array.init labelBins (fun b -> [| for i in 0 .. seds.Count - 1 do if labelBin seds.Labels[i] = b then i |])

        for b in 0 .. labelBins - 1 do
            if not keepFuller && members[b].Length >= binSize then
                invalidArg (nameof binSize) $"SedAugmentation.OverSample: label bin {b} ({labelEdges[b]} to {labelEdges[b + 1]}) holds \
                    {members[b].Length} SED{Plural.s (members[b].Length)}, binSize is {binSize}. Choose a larger binSize or smaller \
                        bags, or keepFuller."

        let made =
            [| for b in 0 .. labelBins - 1 do
                   let inside = members[b]

                   // A label bin without SEDs has nothing to copy.
                   if inside.Length > 0 then
                       for i in inside do
                           yield seds.Rows[i], seds.Labels[i]

                       let filled c = inside |> Seq.filter (fun i -> seds.Rows[i].[c] <> 0.0) |> Seq.length
                       let counts = Array.init seds.BinCount filled
                       let draw = SedAugmentation.Drawer(counts |> Array.map (fun n -> float n ** power))

                       for copy in 0 .. binSize - inside.Length - 1 do
                           let random = SeededRandom.For(seed, int64 b, int64 copy)
                           let source = inside[random.Next inside.Length]
                           let row = Array.copy seds.Rows[source]

                           for _ in 1..deletions do
                               row[draw random] <- 0.0

                           yield row, seds.Labels[source] |]
            |> Array.filter (fun (row, _) -> SedAugmentation.Filled row >= leastFilled)

        BinnedSeds(Array.map fst made, Array.map snd made)

    /// Version 2: the originals, then for every number in `deletions` one copy of the whole set that loses up to that many bins,
    /// drawn with replacement in proportion to how often each bin is filled. Copies with fewer than `leastFilled` filled bins are
    /// left out. The original: 7, 12, 17, 22, 27 and 8.
    static member Thin(seds: BinnedSeds, deletions: int[], leastFilled: int, seed: int64) : BinnedSeds =
        let filled c = seds.Rows |> Seq.filter (fun row -> row[c] <> 0.0) |> Seq.length |> float
        let draw = SedAugmentation.Drawer(Array.init seds.BinCount filled)

        let copies =
            deletions
            |> Array.mapi (fun pass count ->
                let made =
                    Array.init seds.Count (fun i ->
                        let random = SeededRandom.For(seed, int64 pass, int64 i)
                        let row = Array.copy seds.Rows[i]

                        for _ in 1..count do
                            row[draw random] <- 0.0

                        row, seds.Labels[i])
                    |> Array.filter (fun (row, _) -> SedAugmentation.Filled row >= leastFilled)

                BinnedSeds(Array.map fst made, Array.map snd made))

        BinnedSeds.Concatenate(Array.append [| seds |] copies)

    /// Weights that even out the labels: 1 over their Gaussian kernel density, largest 1.
    /// The bandwidth is Scott's rule, as scipy.stats.gaussian_kde: deviation · n^(−1/5), with the sample deviation.
    static member InverseDensityWeights(labels: float[]) : float[] =
        if labels.Length < 2 then
            invalidArg (nameof labels) $"SedAugmentation.InverseDensityWeights: expected at least two labels, got {labels.Length}."

        let mean = Array.average labels
        let deviation = sqrt (Array.sumBy (fun v -> (v - mean) ** 2.0) labels / float (labels.Length - 1))

        if deviation = 0.0 then
            invalidArg (nameof labels) $"SedAugmentation.InverseDensityWeights: all {labels.Length} labels are {mean}; a density needs at \
                least two values."

        let density = KernelDensity.Estimate(ReadOnlySpan labels, ReadOnlySpan labels, deviation * float labels.Length ** -0.2)
        let largest = 1.0 / Array.min density
        density |> Array.map (fun d -> 1.0 / d / largest)
