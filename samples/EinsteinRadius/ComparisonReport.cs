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
        var figures = new ComparisonFigures(comparison, runs).All(Epochs(run, comparison, notes));
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
            F($"{all.Bias:+0.000;-0.000;0.000}"), F($"{all.Mse:0.0000}"), ComparisonFigures.HasVariance(row.Technique)
                ? F($"{100 * all.Coverage:0.0} %") : "",
            ComparisonFigures.HasVariance(row.Technique) ? F($"{all.PullDeviation:0.00}") : "",
            row.Gain?.AsDifference() ?? "",
        ];
    }

    /// <summary>Dispersions of the best technique's first run.</summary>
    private static IReadOnlyList<RadiusDispersion> Epochs(RunDirectory run, RadiusComparison comparison, ComparisonNotes notes)
        => comparison.Best is { } best
            ? RadiusDispersion.Read(run.PathOf(Comparing.FolderOf(notes.Folds[0], best.Technique, notes.Seeds[0])))
            : [];

    private static string Interval(Models.Systems.EinsteinRadius.RadiusEvaluation of)
        => F($"{of.MeanError.Value:0.000} ({of.MeanError.Low:0.000} to {of.MeanError.High:0.000})");

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
