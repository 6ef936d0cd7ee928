using System;
using System.Collections.Generic;
using System.Linq;
using Hybrid.Data.Figures;
using Hybrid.Models.Systems.EinsteinRadius;

namespace Hybrid.Samples.EinsteinRadius;

/// <summary>The figures of a comparison, from saved numbers.</summary>
/// <param name="comparison">The table.</param>
/// <param name="runs">Estimates of every run.</param>
internal sealed class ComparisonFigures(RadiusComparison comparison, IReadOnlyList<RadiusRun> runs)
{
    // Points of a panel; more hide each other.
    private const int MostPoints = 300;
    // Fractional errors beyond this are drawn at the edge.
    private const double Edge = 0.8;
    private const int Columns = 4, MostEpochs = 6;

    private readonly RadiusComparisonRow[] _ran = [.. comparison.Rows.Where(row => row.All is not null)];

    /// <summary>Techniques of which curves are drawn: more than six could not be told apart.</summary>
    private string[] Shown
        => [.. new[] { "constant", "raw", "deterministic", "beta-nll", "bayesian", comparison.Best?.Technique }
            .Where(name => name is not null && _ran.Any(row => row.Technique == name)).Distinct().Select(name => name!)];

    /// <summary>All figures by the names of their files, in the report's order.</summary>
    /// <param name="epochs">Of the best technique's first run, by epoch.</param>
    public IReadOnlyList<(string Name, Figure Figure)> All(IReadOnlyList<RadiusDispersion> epochs)
    {
        if (_ran.Length == 0) return [];
        var figures = new List<(string Name, Figure Figure)> { ("errors", Errors()) };
        var four = new[] { "raw", "deterministic", "bayesian", comparison.Best?.Technique }
            .Where(name => name is not null && _ran.Any(row => row.Technique == name)).Distinct().Select(name => name!).ToArray();
        if (four.Length > 0) figures.Add(("the-32", Small(four)));
        figures.Add(("dispersion", Dispersions()));
        if (epochs.Count > 0) figures.Add(("dispersion-by-epoch", ByEpoch(comparison.Best!.Technique, epochs)));
        figures.Add(("by-radius", By(
            "Error by θ_E", "θ_E, arcsec", test => test.Truth, [0.5, 0.7, 0.9, 1.1, 1.3, 1.5, 1.8, 2.4],
            "A radius near the median is easy to guess: the constant answer is best there.")));
        figures.Add(("by-arc-ratio", By(
            "Error by the arc's contrast", "log10 of the arc's flux over the galaxy's inside the ring, in g",
            test => [.. test.ArcRatio.Select(ratio => Math.Log10(Math.Max(1e-3, ratio)))], [-2, -1, -0.5, 0, 0.35, 0.7, 1, 1.5, 2.5],
            "Bright arcs begin at 0.7. Where the galaxy outshines the arc, an estimate can only fall back on what radii are common.")));
        figures.Add(("by-signal-to-noise", By(
            "Error by the arc's signal-to-noise", "log10 of the arc's signal-to-noise in g",
            test => [.. test.SignalToNoise.Select(ratio => Math.Log10(Math.Max(1e-3, ratio)))], [-1, 0.5, 0.8, 1.1, 1.4, 1.7, 2, 2.5],
            "")));
        var calibrated = Shown.Where(HasVariance).ToArray();
        if (calibrated.Length > 0) figures.Add(("calibration", Calibration(calibrated)));
        return figures;
    }

    /// <summary>Whether a technique learns how wrong it may be.</summary>
    public static bool HasVariance(string technique)
        => technique != "constant" && RadiusTechniques.Named(technique).Loss == RadiusLoss.BetaNll;

    private Figure Errors()
    {
        RankSeries Series(string label, Func<RadiusComparisonRow, RadiusEvaluation?> of)
        {
            double[] Each(Func<RadiusEvaluation, double> number)
                => [.. _ran.Select(row => of(row) is { } found ? number(found) : double.NaN)];
            return new RankSeries(label, Each(e => e.MeanError.Value), Each(e => e.MeanError.Low), Each(e => e.MeanError.High));
        }
        var figure = new RankFigure { Reference = 0.1, ReferenceLabel = "10 %" }.Build(
            "Mean |fractional error| of every technique", "mean |fractional error|, 95 % interval by galaxy",
            [.. _ran.Select(row => row.Technique)], Series("all", row => row.All), Series("bright arcs", row => row.Bright));
        figure.Caption = "Intervals draw whole galaxies again; techniques see the same images, so that differences are smaller than these "
            + "intervals say: the table has paired ones.";
        return figure;
    }

    /// <summary>The original's four panels: the 32, before and after preprocessing, Bayesian, and the best.</summary>
    private Figure Small(string[] techniques)
    {
        var figure = PanelFigure.Build("The 32 with the radii of the original's real lenses", 2, [.. techniques.Select(technique =>
        {
            var of = First(technique).Small;
            var series = new ScatterSeries(technique, of.Truth, of.FractionalError);
            if (HasVariance(technique))
                series.YError = [.. of.Estimate.Zip(of.Deviation, of.Truth).Select(v => v.First * v.Second / v.Third)];
            return Panel(F($"{technique}, MSE {Mse(of):0.0000}"), 360, 240, series);
        })]);
        figure.Caption = "First run of each. Bars: one standard deviation, where a technique has one.";
        return figure;
    }

    private Figure Dispersions()
    {
        var figure = PanelFigure.Build(
            "Fractional error against θ_E, quasi-real test and the 32", Columns,
            [.. _ran.Select(row =>
            {
                var run = First(row.Technique);
                var some = Some(run.Test);
                return Panel(
                    F($"{row.Technique}, MSE {Mse(run.Test):0.000} and {Mse(run.Small):0.000}"), 240, 170,
                    new ScatterSeries("test", some.Truth, some.FractionalError),
                    new ScatterSeries("the 32", run.Small.Truth, run.Small.FractionalError));
            })]);
        figure.Caption = F($"First run of each; {MostPoints} of the test images; errors beyond {Edge} are drawn at the edge.");
        return figure;
    }

    /// <summary>The original's callback: training and validation images after epochs spread over the training.</summary>
    private static Figure ByEpoch(string technique, IReadOnlyList<RadiusDispersion> all)
    {
        var epochs = all.Select(one => one.Epoch).Distinct().Order().ToArray();
        var shown = epochs.Length <= MostEpochs
            ? epochs
            : [.. Enumerable.Range(0, MostEpochs).Select(i => epochs[i * (epochs.Length - 1) / (MostEpochs - 1)]).Distinct()];
        var figure = PanelFigure.Build(
            F($"{technique}: fractional error after epochs"), 3,
            [.. shown.Select(epoch =>
            {
                ScatterSeries Series(bool isValidation)
                {
                    var of = all.First(one => one.Epoch == epoch && one.IsValidation == isValidation);
                    return new ScatterSeries(
                        F($"{(isValidation ? "validation" : "training")}, MSE {of.Mse:0.000}"), [.. of.Truth.Take(MostPoints)],
                        [.. of.FractionalError.Take(MostPoints)]);
                }
                return Panel(F($"epoch {epoch} of {epochs[^1]}"), 280, 190, Series(false), Series(true));
            })]);
        figure.Caption = "Before averages over turns. Validation images choose nothing.";
        return figure;
    }

    private static Figure Panel(string title, double width, double height, params ScatterSeries[] series)
        => new ScatterFigure { Reference = 0, Width = width, Height = height, LowY = -Edge, HighY = Edge }.Build(
            title, "θ_E, arcsec", "fractional error", series);

    private Figure By(string title, string axis, Func<RadiusPredictions, double[]> quantity, double[] edges, string caption)
    {
        var lines = Shown.Select(technique =>
        {
            var tests = Of(technique).Select(run => run.Test).ToArray();
            double[] Joined(Func<RadiusPredictions, double[]> of) => [.. tests.SelectMany(of)];
            var (values, errors) = (Joined(quantity), Joined(test => [.. test.FractionalError.Select(Math.Abs)]));
            int[] galaxies = [.. tests.SelectMany(test => test.Galaxy)];
            var bins = Enumerable.Range(0, edges.Length - 1)
                .Select(bin => Enumerable.Range(0, values.Length)
                    .Where(i => values[i] >= edges[bin] && values[i] < edges[bin + 1]).ToArray())
                .Where(bin => bin.Length >= 5).ToArray();
            double[] means = [.. bins.Select(bin => bin.Average(i => errors[i]))];
            var line = new Line(technique, [.. bins.Select(bin => bin.Average(i => values[i]))], means);
            // One band: those of all would hide each other.
            if (technique == comparison.Best?.Technique)
            {
                double[] off = [.. bins.Select(bin => ErrorOfMean(bin, errors, galaxies))];
                (line.Lower, line.Upper) = ([.. means.Zip(off, (mean, e) => mean - e)], [.. means.Zip(off, (mean, e) => mean + e)]);
            }
            if (technique == "constant") line.Dash = LineDash.Dashed;
            return line;
        });
        var figure = HistoryFigure.Build(
            title, axis,
            [new HistoryPanel("mean |fractional error|", [.. lines]) { Reference = 0.1, ReferenceLabel = "10 %", Height = 300 }]);
        figure.Caption = $"Band: the standard error of the best technique's mean over galaxies. {caption}".TrimEnd();
        return figure;
    }

    /// <summary>Of a mean over images of several galaxies: the deviation of the galaxies' means over √galaxies; 0 of one galaxy.</summary>
    private static double ErrorOfMean(int[] places, double[] values, int[] galaxies)
    {
        var means = places.GroupBy(i => galaxies[i]).Select(group => group.Average(i => values[i])).ToArray();
        if (means.Length < 2) return 0;
        var mean = means.Average();
        return Math.Sqrt(means.Sum(m => (m - mean) * (m - mean)) / (means.Length - 1) / means.Length);
    }

    /// <summary>Share of truths inside central intervals against their probability.</summary>
    private Figure Calibration(string[] techniques)
    {
        double[] nominal = [0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95, 0.99];
        Figure Panel(string title, RadiusSubset subset)
            => new ScatterFigure { Bisector = true, Width = 320, Height = 320 }.Build(
                title, "probability of the interval", "share of truths inside",
                [.. techniques.Select(technique =>
                {
                    var tests = Of(technique).Select(run => subset.Of(run.Test)).ToArray();
                    double[] pulls =
                    [
                        .. tests.SelectMany(test => Enumerable.Range(0, test.Count)
                            .Select(i => Math.Abs(Math.Log(test.Truth[i] / test.Estimate[i]) / test.Deviation[i]))),
                    ];
                    return new ScatterSeries(technique, nominal, [.. nominal.Select(p =>
                    {
                        var reach = MathNet.Numerics.Distributions.Normal.InvCDF(0, 1, (1 + p) / 2);
                        return pulls.Length == 0 ? double.NaN : pulls.Average(pull => pull <= reach ? 1.0 : 0);
                    })]);
                })]);
        var figure = PanelFigure.Build(
            "Calibration of the intervals", 2, [Panel("all", RadiusSubset.All), Panel("bright arcs", RadiusSubset.Bright)]);
        figure.Caption = "Points above the line: intervals wider than they need be; below it: too narrow.";
        return figure;
    }

    private IEnumerable<RadiusRun> Of(string technique)
        => runs.Where(run => RadiusTechniques.Of(run.Technique).Name == technique).OrderBy(run => run.Fold).ThenBy(run => run.Seed);

    private RadiusRun First(string technique) => Of(technique).First();

    /// <summary>Images spread over all: their order has no meaning, but pieces of one simulator stand together.</summary>
    private static RadiusPredictions Some(RadiusPredictions of)
        => of.Count <= MostPoints ? of : of.At([.. Enumerable.Range(0, MostPoints).Select(i => i * of.Count / MostPoints)]);

    private static double Mse(RadiusPredictions of)
        => of.Truth.Zip(of.Estimate, (truth, estimate) => (truth - estimate) * (truth - estimate)).Average();

    private static string F(FormattableString text) => FormattableString.Invariant(text);
}
