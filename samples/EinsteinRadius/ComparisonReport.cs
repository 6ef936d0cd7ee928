using System;
using System.Collections.Generic;
using System.Linq;
using Hybrid.Data.Figures;
using Hybrid.Models.Systems.EinsteinRadius;
using Hybrid.Models.Training;
using Hybrid.Samples.CommandLine;

namespace Hybrid.Samples.EinsteinRadius;

/// <summary>A comparison as PNG files and report.html, from saved numbers.</summary>
internal static class ComparisonReport
{
    // Points of a picture; more hide each other.
    private const int MostPoints = 400;

    public static void Write(
        RunDirectory run,
        ComparisonNotes notes,
        RadiusComparison comparison,
        IReadOnlyList<RadiusRun> runs,
        IReadOnlyDictionary<string, IReadOnlyDictionary<string, double>> learnt,
        IReadOnlyList<DarkBands> dark,
        IReadOnlyList<string> failures,
        double seconds)
    {
        var ran = comparison.Rows.Where(row => row.All is not null).ToArray();
        var figures = new List<(string Name, Figure Figure)> { ("errors", Errors(ran)) };
        var shown = new[] { "raw", "deterministic", "bayesian", comparison.Best?.Technique }
            .Where(name => name is not null && ran.Any(row => row.Technique == name)).Distinct().Select(name => name!).ToArray();
        figures.AddRange(shown.Select(name => ($"dispersion-{name}", Dispersion(name, First(name, runs), isSmall: false))));
        figures.AddRange(shown.Select(name => ($"small-{name}", Dispersion(name, First(name, runs), isSmall: true))));
        if (ran.Length > 0)
        {
            figures.Add(("by-radius", By("θ_E, arcsec", shown, runs, p => p.Truth, [0.5, 0.7, 0.9, 1.1, 1.3, 1.5, 1.8, 2.4])));
            figures.Add(("by-arc-ratio", By(
                "log10 of the arc's flux over the galaxy's inside the ring", shown, runs,
                p => p.ArcRatio.Select(ratio => Math.Log10(Math.Max(1e-3, ratio))).ToArray(), [-2, -1, -0.5, 0, 0.35, 0.7, 1, 1.5, 2.5])));
            figures.Add(("calibration", Calibration(ran.Select(row => row.Technique).Where(HasVariance).ToArray(), runs)));
        }
        FigureRenderer.Draw([.. figures.Select(figure => new FigureJob(figure.Figure) { Png = run.PathOf(figure.Name + ".png") })]);

        var report = new Report("Einstein radii from simulated lenses")
        {
            Subtitle = F($"{notes.Network}, {notes.Folds.Count} of 2 halves of the sources, {Plural.Of(notes.Seeds.Count, "seed")}, ")
                + F($"{DateTime.Now:yyyy-MM-dd HH:mm}"),
        };
        foreach (var row in ran.Where(row => row.Technique is "constant" or "raw" or "deterministic" || row == comparison.Best))
            report.AddKeyNumber(
                row.Technique, F($"{row.All!.MeanError.Value:0.000}"), $"mean |fractional error|, {Plural.Of(row.Runs, "run")}");
        report.AddKeyNumber("time", F($"{seconds:0} s"), Plural.Of(notes.Threads, "thread"));
        report.AddText(comparison.LastLine);
        report.AddTable(
            "Techniques, mean |fractional error| with 95 % intervals by galaxy",
            ["technique", "all", "bright", "seen", "the 32", "median", "within 10 %", "bias", "MSE", "coverage of 95 %", "pull",
                "against beta-nll"],
            [.. comparison.Rows.Select(Row)]);
        report.AddText(
            "All: every unseen quasi-real lens. Bright: arcs at least five times as bright in g as the galaxy inside the ring. Seen: radii "
                + "above 0.8″ and arcs brighter than the galaxy there. The 32: radii of the original's real lenses. Galaxies and sources "
                + "of these images are in no other part. Intervals draw whole galaxies again; the last column is paired image by image. "
                + "The best technique is named after the fact.");
        report.AddTable(
            "The original's figures for its 32 real lenses (mean squared error, arcsec²)",
            ["before preprocessing", "deterministic", "Bayesian", "best, with 5 of the 32 labels in its training"],
            [["0.3806", "0.10796", "0.129 ± 0.009", "0.0024"]]);
        foreach (var failure in failures) report.AddText($"Did not run: {failure}");
        foreach (var (_, figure) in figures) report.AddFigure(figure);
        if (dark.Count > 0)
        {
            report.AddTable(
                "Mean |fractional error| with one band dark",
                ["technique", "fold", "seed", "without g", "without r", "without i"],
                [.. dark.Select(one => new[]
                {
                    one.Technique, F($"{one.Fold}"), F($"{one.Seed}"), F($"{one.WithoutG:0.000}"), F($"{one.WithoutR:0.000}"),
                    F($"{one.WithoutI:0.000}"),
                })]);
        }
        if (learnt.Count > 0)
        {
            report.AddTable(
                "What techniques learnt beside their weights",
                ["run", "quantity", "value"],
                [.. learnt.SelectMany(one => one.Value.Select(pair => new[] { one.Key, pair.Key, F($"{pair.Value:0.0000}") }))]);
        }
        report.AddOptions(Options(notes));
        report.Write(run.PathOf("report.html"));
    }

    private static string[] Row(RadiusComparisonRow row)
    {
        if (row.All is not { } all) return [row.Technique, "did not run", .. Enumerable.Repeat("", 10)];
        return
        [
            row.Technique, Interval(all), row.Bright is { } b ? Interval(b) : "", row.Seen is { } s ? Interval(s) : "",
            F($"{row.Small!.MeanError.Value:0.000}"), F($"{all.MedianError:0.000}"), F($"{100 * all.WithinTenth:0} %"),
            F($"{all.Bias:+0.000;-0.000;0.000}"), F($"{all.Mse:0.0000}"), HasVariance(row.Technique)
                ? F($"{100 * all.Coverage:0.0} %") : "",
            HasVariance(row.Technique) ? F($"{all.PullDeviation:0.00}") : "",
            row.Gain?.AsDifference() ?? "",
        ];
    }

    /// <summary>Whether a technique learns how wrong it may be.</summary>
    private static bool HasVariance(string technique)
        => technique != "constant" && RadiusTechniques.Named(technique).Loss == RadiusLoss.BetaNll;

    private static string Interval(Models.Systems.EinsteinRadius.RadiusEvaluation of)
        => F($"{of.MeanError.Value:0.000} ({of.MeanError.Low:0.000} to {of.MeanError.High:0.000})");

    private static Figure Errors(RadiusComparisonRow[] rows)
        => new ScatterFigure { Reference = 0.1, ReferenceLabel = "10 %" }.Build(
            "Error over all images and over bright arcs", "mean |fractional error|, all", "bright",
            [.. rows.Where(row => row.Bright is not null).Select(row => new ScatterSeries(
                row.Technique, [row.All!.MeanError.Value], [row.Bright!.MeanError.Value])
            {
                XError = [(row.All.MeanError.High - row.All.MeanError.Low) / 2],
                YError = [(row.Bright.MeanError.High - row.Bright.MeanError.Low) / 2],
            })]);

    /// <summary>The original's figure: fractional error against radius.</summary>
    private static Figure Dispersion(string technique, RadiusRun run, bool isSmall)
    {
        var of = isSmall ? run.Small : run.Test.At([.. Enumerable.Range(0, Math.Min(MostPoints, run.Test.Count))]);
        var mse = of.Truth.Zip(of.Estimate, (truth, estimate) => (truth - estimate) * (truth - estimate)).Average();
        var series = new ScatterSeries(F($"MSE {mse:0.0000}"), of.Truth, of.FractionalError);
        if (isSmall && HasVariance(technique))
            series.YError = of.Estimate.Zip(of.Deviation, of.Truth).Select(v => v.First * v.Second / v.Third).ToArray();
        return new ScatterFigure { Reference = 0, ReferenceLabel = "no error" }.Build(
            isSmall ? $"{technique}: the 32" : $"{technique}: unseen quasi-real lenses", "θ_E, arcsec", "fractional error", series);
    }

    private static Figure By(
        string title, string[] techniques, IReadOnlyList<RadiusRun> runs, Func<RadiusPredictions, double[]> quantity, double[] edges)
        => new ScatterFigure { Reference = 0.1, ReferenceLabel = "10 %" }.Build(
            $"Error by {title}", title, "mean |fractional error|",
            [.. techniques.Select(technique =>
            {
                var test = First(technique, runs).Test;
                var (values, errors) = (quantity(test), test.FractionalError.Select(Math.Abs).ToArray());
                var bins = Enumerable.Range(0, edges.Length - 1)
                    .Select(bin => Enumerable.Range(0, test.Count)
                        .Where(i => values[i] >= edges[bin] && values[i] < edges[bin + 1]).ToArray())
                    .Where(bin => bin.Length >= 5).ToArray();
                return new ScatterSeries(
                    technique, [.. bins.Select(bin => bin.Average(i => values[i]))], [.. bins.Select(bin => bin.Average(i => errors[i]))]);
            })]);

    /// <summary>Share of truths inside central intervals against their probability.</summary>
    private static Figure Calibration(string[] techniques, IReadOnlyList<RadiusRun> runs)
    {
        double[] nominal = [0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95, 0.99];
        return new ScatterFigure { Bisector = true }.Build(
            "Calibration of the intervals, first run", "probability", "share of truths inside",
            [.. techniques.Select(technique =>
            {
                var test = First(technique, runs).Test;
                var pulls = Enumerable.Range(0, test.Count)
                    .Select(i => Math.Abs(Math.Log(test.Truth[i] / test.Estimate[i]) / test.Deviation[i])).ToArray();
                return new ScatterSeries(technique, nominal, [.. nominal.Select(p =>
                {
                    var reach = MathNet.Numerics.Distributions.Normal.InvCDF(0, 1, (1 + p) / 2);
                    return pulls.Average(pull => pull <= reach ? 1.0 : 0);
                })]);
            })]);
    }

    private static RadiusRun First(string technique, IReadOnlyList<RadiusRun> runs)
        => runs.Where(run => RadiusTechniques.Of(run.Technique).Name == technique).OrderBy(run => run.Fold).ThenBy(run => run.Seed).First();

    private static IReadOnlyList<KeyValuePair<string, string>> Options(ComparisonNotes notes) =>
    [
        new("training set", notes.Data.Set), new("training images", F($"{notes.Data.Training}")),
        new("images to adapt on", F($"{notes.Data.Adaptation}")), new("test images", F($"{notes.Data.Test}")),
        new("pixels", F($"{notes.Data.Size} × {notes.Data.Size}")), new("preprocessing", notes.Data.Preprocessing),
        new("network", notes.Network), new("epochs", F($"{notes.Training.Epochs}")), new("batch", F($"{notes.Training.BatchSize}")),
        new("learning rate", F($"{notes.Training.LearningRate}")), new("seeds", string.Join(", ", notes.Seeds)),
        new("device", notes.Device), new("threads", F($"{notes.Threads}")),
    ];

    private static string F(FormattableString text) => FormattableString.Invariant(text);
}
