namespace Hybrid.Data.Systems.Blase

open System
open Hybrid.Data
open Hybrid.Data.Splits

/// What of the original training set is known: the scaling released with its networks, the labels, and the occupancy of its bins.
[<Sealed>]
type SedReference(scaling: SedScaling, labels: float[], occupancy: float[]) =
    /// Means and deviations over the augmented set.
    member _.Scaling = scaling
    /// Catalogue peaks of all sources, log10 Hz.
    member _.Labels = labels
    /// Share of the augmented set that fills each bin; empty when not known.
    member _.Occupancy = occupancy

/// One bin of a simulated set beside the original's.
type BinRealism =
    { Bin: int
      Start: float
      End: float
      /// Mean and deviation of log10 νF_ν over the filled values of the augmented set, and the original's.
      Mean: float
      ReferenceMean: float
      Deviation: float
      ReferenceDeviation: float
      /// Share of the augmented set that fills the bin, the original's, and the share of the SEDs themselves.
      Occupancy: float
      ReferenceOccupancy: float
      RawOccupancy: float }

/// How near a simulated set comes to the one it stands for.
type SedRealism =
    { Bins: BinRealism[]
      Sources: int
      Augmented: int
      /// Largest |mean − reference| over the bins, dex.
      LargestMeanDifference: float
      LargestOccupancyDifference: float
      /// Kolmogorov's distance between the labels' distributions.
      LabelDistance: float }

    /// sup |F₁ − F₂| of the empirical distribution functions of two samples.
    static member KolmogorovDistance(first: float[], second: float[]) : float =
        if first.Length = 0 || second.Length = 0 then
            invalidArg (nameof first) $"SedRealism.KolmogorovDistance: expected two samples, got {first.Length} and \
                {second.Length} value{Plural.s second.Length}."

        let a, b = Array.sort first, Array.sort second
        let mutable i = 0
        let mutable j = 0
        let mutable largest = 0.0

        while i < a.Length && j < b.Length do
            // Ties in both samples are stepped over together.
            let x = min a[i] b[j]

            while i < a.Length && a[i] <= x do
                i <- i + 1

            while j < b.Length && b[j] <= x do
                j <- j + 1

            largest <- max largest (abs (float i / float a.Length - float j / float b.Length))

        largest

    /// A simulated set, augmented as version 1 was: five bags of whole groups, each brought to 90 SEDs a label bin, or as many more as the
    /// set has more than version 1's 3793 SEDs.
    static member Of(seds: LabelledSeds, bins: SedBins, reference: SedReference, seed: int64) : SedRealism =
        let edges = SedAugmentation.LabelEdges(seds.Binned.Labels, 37, 4)
        let size = max 90 (90 * seds.Count / 3793)

        let augmented =
            Splits.GroupedFolds(seds.Groups, 5, seed)
            |> Array.map (fun bag -> SedAugmentation.OverSample(seds.Binned.Take bag.HeldOut, edges, size, 15, 4.0, 5, seed))

        SedRealism.Compare(seds.Binned, BinnedSeds.Concatenate augmented, bins, reference)

    /// seds : the simulated set;  augmented : the same bag by bag augmented, as networks are trained on.
    static member Compare(seds: BinnedSeds, augmented: BinnedSeds, bins: SedBins, reference: SedReference) : SedRealism =
        if augmented.BinCount <> bins.Count || reference.Scaling.Means.Length <> bins.Count then
            invalidArg (nameof bins) $"SedRealism.Compare: expected {bins.Count} bin{Plural.s bins.Count} in the set and the reference, \
                got {augmented.BinCount} and {reference.Scaling.Means.Length}."

        let ours = SedScaling.Fit augmented
        let occupancy, raw = SedOccupancy.Of augmented, SedOccupancy.Of seds
        let starts, ends = bins.Starts, bins.Ends

        let rows =
            Array.init bins.Count (fun b ->
                { Bin = b
                  Start = starts[b]
                  End = ends[b]
                  Mean = ours.Means[b]
                  ReferenceMean = reference.Scaling.Means[b]
                  Deviation = ours.Scales[b]
                  ReferenceDeviation = reference.Scaling.Scales[b]
                  Occupancy = occupancy[b]
                  ReferenceOccupancy = if reference.Occupancy.Length > 0 then reference.Occupancy[b] else nan
                  RawOccupancy = raw[b] })

        { Bins = rows
          Sources = seds.Count
          Augmented = augmented.Count
          LargestMeanDifference = rows |> Seq.map (fun row -> abs (row.Mean - row.ReferenceMean)) |> Seq.max
          LargestOccupancyDifference =
            if reference.Occupancy.Length > 0 then
                rows |> Seq.map (fun row -> abs (row.Occupancy - row.ReferenceOccupancy)) |> Seq.max
            else
                nan
          LabelDistance = SedRealism.KolmogorovDistance(seds.Labels, reference.Labels) }
