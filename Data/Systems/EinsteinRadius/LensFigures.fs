namespace Hybrid.Data.Systems.EinsteinRadius

open System
open System.Globalization
open System.Runtime.InteropServices
open Hybrid.Data.Figures

/// The figures of the Einstein-radius work's data sets, drawn from their numbers.
[<AbstractClass; Sealed>]
type LensFigures =
    /// Histogram of each band and of the outputs.
    /// low, high : what the horizontal axis shows of the bands, NaN for a band's own smallest and largest value. A bar that would be cut is
    /// left out.
    static member Distributions
        (
            statistics: LensStatistics,
            [<Optional; DefaultParameterValue(Double.NaN)>] low: float,
            [<Optional; DefaultParameterValue(Double.NaN)>] high: float
        ) : Figure[] =
        let histogram title (values: ValueDistribution) low high =
            let isShown edge = (Double.IsNaN low || edge >= low) && (Double.IsNaN high || edge <= high)
            let bins = [| for i in 0 .. values.Counts.Length - 1 do if isShown values.Edges[i] && isShown values.Edges[i + 1] then i |]
            let bins = if bins.Length > 0 then bins else Array.init values.Counts.Length id
            let edges = Array.append (bins |> Array.map (fun i -> values.Edges[i])) [| values.Edges[Array.last bins + 1] |]
            let series = HistogramSeries.OfCounts(statistics.Dataset, bins |> Array.map (fun i -> values.Counts[i]),
                                                  Array.sum values.Counts)
            HistogramFigure().Build(title, "value", edges, series)

        let text (v: float) = v.ToString("0.000e+00", CultureInfo.InvariantCulture)

        [| for band in statistics.Bands do
               let title = $"{statistics.Dataset} {band.Name} | Max: {text band.Maximum} Min: {text band.Minimum}"
               histogram title band low high
           histogram $"{statistics.Dataset} Outputs" statistics.Outputs nan nan |]

    /// Kernel densities of each band and of the outputs.
    static member Densities(statistics: LensStatistics) : Figure[] =
        let name = statistics.Dataset
        let density title (values: ValueDistribution) = DensityFigure.Build(title, "value", values.Grid, name, values.Density)

        [| for band in statistics.Bands do
               density $"{name} {band.Name}" band
           density $"{name} Outputs" statistics.Outputs |]

    /// Kernel densities of each band and of the outputs of one set beside those of the other, and their difference.
    static member Densities(comparison: LensComparison) : Figure[] =
        let name, other = comparison.Dataset, comparison.Compared
        let density title (pair: DensityPair) = DensityFigure.Build(title, "value", pair.Grid, name, pair.Density, other, pair.Compared)

        [| for band in comparison.Bands do
               density $"{name} and {other}, {band.Name}" band
           density $"{name} and {other}, outputs" comparison.Outputs |]

    /// The first samples as images: colour of the first three bands; of two bands the first is red and green, the second blue (the original
    /// puts a copy of VIS before VIS and Y); one band alone is grey. The original shows 30 samples.
    static member Samples(data: LensDataset, [<Optional; DefaultParameterValue(30)>] count: int) : Figure =
        let inputs = data.Inputs

        let shown =
            match inputs.BandCount with
            | 1 -> [| 0 |]
            | 2 -> [| 0; 0; 1 |]
            | _ -> [| 0; 1; 2 |]

        let tile i =
            let title =
                if data.SampleIds.Length > 0 then data.SampleIds[i]
                else data.Outputs[i].ToString("0.00", CultureInfo.InvariantCulture)

            let pixels = shown |> Array.collect (fun band -> inputs.Plane(i, band).ToArray())
            ImageTile(pixels, inputs.Height, inputs.Width, Title = title)

        ImageGridFigure().Build($"{data.Name}: samples", Array.init (min count inputs.Count) tile)

    /// What adjusting a set's distributions did, in the original's pictures, by the names of their files: histograms of bands and outputs
    /// before and after ('hist-before', 'hist'), densities after beside those of the set to look like ('density'), and samples before and
    /// after ('samples-before', 'samples').
    /// before, after : the set and what AdjustDistributions made of it;  compared : the other set, adjusted by its own percentiles.
    static member Adjustment(before: LensDataset, after: LensDataset, compared: LensDataset) : struct (string * Figure)[] =
        let panels title figures = PanelFigure.Build(title, 2, figures)
        // Densities of fluxes are not drawn; a kernel as narrow as that of z-scores would take long.
        let statistics = LensStatistics.Of(before, 100, 10.0)
        let changed = LensStatistics.Of after

        [| struct ("hist-before", panels $"{before.Name}: fluxes" (LensFigures.Distributions statistics))
           struct ("hist", panels $"{after.Name}: clipped and z-scored" (LensFigures.Distributions changed))
           struct ("density", panels $"{after.Name} and {compared.Name}" (LensFigures.Densities(LensComparison.Of(after, compared))))
           struct ("samples-before", LensFigures.Samples before)
           struct ("samples", LensFigures.Samples after) |]
