using System;
using System.Collections.Generic;
using System.Linq;
using Hybrid.Data.Figures;
using Hybrid.Data.Lensing;
using Hybrid.Models.Evaluation;
using Hybrid.Models.Systems.LensFinding;
using Hybrid.Models.Training;
using Hybrid.Samples.CommandLine;

namespace Hybrid.Samples.LensFinding;

/// <summary>A comparison as PNG files and report.html, from saved numbers.</summary>
internal static class ComparisonReport
{
    public static void Write(
        RunDirectory run, ComparisonNotes notes, LensComparison comparison, IReadOnlyList<LensRun> runs, IReadOnlyList<DomainGapRow> gap,
        IReadOnlyList<FeatureProjection> projections, IReadOnlyList<HeatMaps> heat, IReadOnlyList<string> failures, double seconds)
    {
        run.Write("heat.json", heat);
        run.Write("features.json", projections);
        // Figures are of one encoder, the tables of all.
        var backbones = comparison.Rows.Select(row => row.Backbone).Distinct().ToArray();
        var shown = comparison.Best?.Backbone ?? backbones[0];
        var best = comparison.Best?.Method;
        var own = comparison with { Rows = [.. comparison.Rows.Where(row => row.Backbone == shown)] };
        bool IsShown(string method) => method is "source-only" or "supervised" || method == best;
        var figures = new List<(string Name, Figure Figure)>
        {
            ("roc", Characteristics(own, runs)),
            ("gain", Gains(own)),
            ("reliability", Reliability(own, runs)),
        };
        figures.AddRange(projections
            .Where(one => one.Backbone == shown && IsShown(one.Method))
            .Select(one => ($"features-{one.Method}", Features(one))));
        figures.AddRange(heat.Where(one => one.Backbone == shown && IsShown(one.Method))
            .Select(one => ($"heat-{one.Method}", one.Figure())));
        foreach (var (name, quantity, values) in (ReadOnlySpan<(string, string, Func<LensScores, double[]>)>)
        [
            ("completeness-radius", "Einstein radius, arcsec", scores => scores.ThetaE),
            ("completeness-magnitude", "magnitude of galaxy and arc in the first band", scores => scores.Magnitude),
            ("completeness-noise", "logarithm of the image's signal-to-noise ratio",
                scores => [.. scores.SignalToNoise.Select(Math.Log10)]),
        ])
        {
            if (FoundBy(own.Rows.Where(row => IsShown(row.Method)), runs, quantity, values) is { } figure) figures.Add((name, figure));
        }
        FigureRenderer.Draw([.. figures.Select(figure => new FigureJob(figure.Figure) { Png = run.PathOf(figure.Name + ".png") })]);

        var galaxies = Plural.Of(comparison.TestGalaxies, "galaxy", "galaxies");
        var report = new Report("Lens finding by unsupervised domain adaptation")
        {
            Subtitle = F($"{notes.RunFolds.Count} of {Plural.Of(notes.Domains.Folds, "fold")}, {Plural.Of(notes.Seeds.Count, "seed")}, ")
                + F($"{DateTime.Now:yyyy-MM-dd HH:mm}"),
        };
        foreach (var row in own.Rows.Where(row => row.Runs > 0 && IsShown(row.Method)))
            report.AddKeyNumber(row.Method, F($"{row.Auc:0.000}"), F($"AUROC; balanced accuracy {row.BalancedAccuracy:0.000}"));
        report.AddKeyNumber("time", F($"{seconds:0} s"), Plural.Of(notes.Threads, "thread"));
        report.AddText(comparison.LastLine);
        if (backbones.Length > 1)
        {
            report.AddTable(
                "AUROC by backbone, with the 95 % interval of the gain over its own baseline", ["method", .. backbones],
                ByBackbone(comparison, backbones));
            report.AddText(
                "The original's, on HSC's images with 94 lenses and one seed: ADDA 0.835 (EfficientNet-B2), 0.797 (ResNet-34), 0.798 "
                    + "(DenseNet-121), 0.879 (equivariant); self-ensembling 0.604, 0.445, 0.537, 0.449; AdaMatch 0.824, 0.800, 0.763, "
                    + "0.795; without adaptation 0.816 (EfficientNet-B2). Its images, its share of negatives and its training differ.");
            report.AddText($"Figures are of {shown}, the encoder of the best method.");
        }
        report.AddTable(
            "Methods",
            ["backbone", "method", "AUROC", "gain (95 % by galaxy)", "balanced accuracy", "gain", "gap closed", "AP at 100:1",
                "TPR at 0.01", "best F", "calibration error"],
            [.. comparison.Rows.Select(Row)]);
        report.AddText(
            $"Judged on {Plural.Of(comparison.TestImages, "quasi-real image")} of {galaxies} and of sources that no other "
                + "part has. No label of the target is read but by the supervised bound; the last weights are kept. Intervals draw whole "
                + "galaxies again, the same ones for a method and the baseline. The best method is named after the fact, by area.");
        report.AddTable(
            "The gap between the domains: medians of images of both kinds",
            ["domain", "magnitude in the first band", "noise, band by band", "radius of half of the light, pixels"],
            [.. gap.Select(row => (string[])[row.Domain, row.Magnitude, row.Noise, row.HalfLightRadius])]);
        foreach (var failure in failures) report.AddText($"Did not run: {failure}");
        foreach (var (_, figure) in figures) report.AddFigure(figure);
        report.AddTable(
            "A survey with a hundred non-lenses a lens: completeness and purity of the best candidates, and lenses found before false ones",
            ["method", "half as many as lenses", "as many", "twice as many", "ten times as many", "FPR 0", "FPR 0.001", "FPR 0.01"],
            [.. own.Rows.Where(row => row.Runs > 0).Select(row => Yields(row, runs))]);
        report.AddText(
            $"Each non-lens of the test stands for many of the survey: of {galaxies}, purities and small "
                + "false-positive rates are rough.");
        report.AddTable(
            "False positives by kind, at a probability of ½",
            ["method", .. Kinds.Select(kind => kind.ToString().ToLowerInvariant())],
            [.. own.Rows.Where(row => row.Runs > 0).Select(row => FalsePositives(row, runs))]);
        report.AddOptions(Options(notes));
        report.Write(run.PathOf("report.html"));
    }

    private static readonly NonLens[] Kinds = [NonLens.Plain, NonLens.Spiral, NonLens.Ring, NonLens.Merger, NonLens.Artefact];

    private static string[] Row(LensComparisonRow row)
    {
        if (row.Runs == 0) return [row.Backbone, row.Method, "did not run", .. Enumerable.Repeat("", 8)];
        return
        [
            row.Backbone,
            row.Method,
            F($"{row.Auc:0.000} ± {row.AucDeviation:0.000}"),
            Gain(row.AucGain),
            F($"{row.BalancedAccuracy:0.000} ± {row.BalancedAccuracyDeviation:0.000}"),
            Gain(row.AccuracyGain),
            row.GapClosed is { } closed ? F($"{100 * closed:0} %") : "",
            F($"{row.AveragePrecision:0.000}"), F($"{row.TprAtHundredth:0.000}"), F($"{row.BestF:0.000}"),
            F($"{row.CalibrationError:0.000}"),
        ];
    }

    private static string Gain(Bootstrapped? gain)
        => gain?.AsDifference() ?? "";

    private static Figure Characteristics(LensComparison comparison, IReadOnlyList<LensRun> runs)
        => new RocFigure { Axes = RocAxes.LogRates }.Build(
            "Unseen quasi-real images, first seed",
            [.. comparison.Rows.Where(row => row.Runs > 0).Select(row =>
            {
                var scores = First(row, runs).Scores;
                var points = Roc.Curve(scores.Score, scores.IsLens);
                return new RocCurve(
                    row.Method, [.. points.Select(point => point.FalsePositiveRate)], [.. points.Select(point => point.TruePositiveRate)])
                {
                    Auc = row.Auc, AucError = row.AucDeviation,
                };
            })]);

    private static Figure Gains(LensComparison comparison)
    {
        var rows = comparison.Rows.Where(row => row.AucGain is not null).ToArray();
        return new ScatterFigure { Reference = 0, ReferenceLabel = "source-only" }.Build(
            "Ranking against threshold", "gain of balanced accuracy", "gain of AUROC",
            [.. rows.Select(row => new ScatterSeries(row.Method, [row.AccuracyGain!.Value], [row.AucGain!.Value])
            {
                XError = [(row.AccuracyGain.High - row.AccuracyGain.Low) / 2], YError = [(row.AucGain.High - row.AucGain.Low) / 2],
            })]);
    }

    private static Figure Reliability(LensComparison comparison, IReadOnlyList<LensRun> runs)
        => new ScatterFigure { Bisector = true }.Build(
            "Calibration, first seed", "mean probability", "share of lenses",
            [.. comparison.Rows.Where(row => row.Runs > 0).Select(row =>
            {
                var scores = First(row, runs).Scores;
                var points = Detection.Reliability(scores.Probability, scores.IsLens);
                return new ScatterSeries(row.Method, [.. points.Select(p => p.Probability)], [.. points.Select(p => p.Observed)]);
            })]);

    private static Figure Features(FeatureProjection of)
    {
        ScatterSeries Series(string label, bool isTarget, bool isLens)
        {
            var places = Enumerable.Range(0, of.X.Length).Where(i => of.IsTarget[i] == isTarget && of.IsLens[i] == isLens).ToArray();
            return new ScatterSeries(label, [.. places.Select(i => of.X[i])], [.. places.Select(i => of.Y[i])]);
        }
        return new ScatterFigure().Build(
            $"Features of {of.Method}", "first principal component", "second",
            Series("source, lens", false, true), Series("source, none", false, false), Series("target, lens", true, true),
            Series("target, none", true, false));
    }

    private static string[] Yields(LensComparisonRow row, IReadOnlyList<LensRun> runs)
    {
        var judged = RunsOf(row, runs).Select(run => LensEvaluation.Of(run.Scores)).ToArray();
        return
        [
            row.Method,
            .. Enumerable.Range(0, judged[0].Yield.Count).Select(list
                => F($"{judged.Average(e => e.Yield[list].Completeness):0.00}, pure {judged.Average(e => e.Yield[list].Purity):0.00}")),
            F($"{judged.Average(e => e.TprAtNoFalse):0.000}"), F($"{judged.Average(e => e.TprAtThousandth):0.000}"),
            F($"{judged.Average(e => e.TprAtHundredth):0.000}"),
        ];
    }

    /// <summary>Lenses found at a probability of ½ by a quantity of theirs, over all runs; null where it is not known.</summary>
    private static Figure? FoundBy(
        IEnumerable<LensComparisonRow> rows, IReadOnlyList<LensRun> runs, string quantity, Func<LensScores, double[]> values)
    {
        var series = new List<ScatterSeries>();
        foreach (var row in rows.Where(row => row.Runs > 0))
        {
            var lenses = RunsOf(row, runs).Where(run => values(run.Scores).Length == run.Scores.Count)
                .SelectMany(run => Enumerable.Range(0, run.Scores.Count).Where(i => run.Scores.IsLens[i])
                    .Select(i => (Value: values(run.Scores)[i], IsFound: run.Scores.Score[i] >= 0))).ToArray();
            var points = Completeness.Of([.. lenses.Select(one => one.Value)], [.. lenses.Select(one => one.IsFound)]);
            if (points.Count == 0) return null;
            // Wilson's interval lies about its own middle, within 0 and 1.
            series.Add(new ScatterSeries(
                row.Method, [.. points.Select(p => p.Mean)], [.. points.Select(p => (p.FoundLow + p.FoundHigh) / 2)])
            {
                YError = [.. points.Select(p => (p.FoundHigh - p.FoundLow) / 2)],
            });
        }
        return series.Count == 0
            ? null
            : new ScatterFigure().Build(
                "Which lenses are found, at a probability of ½", quantity, "share found (Wilson's 95 % interval)", [.. series]);
    }

    private static LensRun[] RunsOf(LensComparisonRow row, IReadOnlyList<LensRun> runs)
        => [.. runs.Where(run => LensFindingMethods.NameOf(run.Method) == row.Method && run.Backbone == row.Backbone)];

    private static string[] FalsePositives(LensComparisonRow row, IReadOnlyList<LensRun> runs)
    {
        var own = RunsOf(row, runs);
        return
        [
            row.Method,
            .. Kinds.Select(kind =>
            {
                var of = own.SelectMany(run => Enumerable.Range(0, run.Scores.Count)
                    .Where(i => run.Scores.NonLens[i] == (int)kind).Select(i => run.Scores.Score[i] >= 0)).ToArray();
                return of.Length == 0 ? "" : F($"{100.0 * of.Count(called => called) / of.Length:0.0} %");
            }),
        ];
    }

    private static LensRun First(LensComparisonRow row, IReadOnlyList<LensRun> runs)
        => runs.First(run => LensFindingMethods.NameOf(run.Method) == row.Method && run.Backbone == row.Backbone);

    private static string[][] ByBackbone(LensComparison comparison, string[] backbones)
        => [.. comparison.Rows.Select(row => row.Method).Distinct().Select(method => (string[])
        [
            method,
            .. backbones.Select(backbone => comparison.Rows.First(row => row.Method == method && row.Backbone == backbone)).Select(row
                => row.Runs == 0
                    ? "did not run"
                    : F($"{row.Auc:0.000}")
                        + (row.AucGain is { } gain ? F($" ({gain.Low:+0.000;-0.000} to {gain.High:+0.000;-0.000})") : "")),
        ])];

    private static IEnumerable<KeyValuePair<string, string>> Options(ComparisonNotes notes)
        => notes.Domains.GetType().GetProperties().Where(p => p.CanWrite)
            .Select(p => new KeyValuePair<string, string>(TrainingReport.InWords(p.Name), F($"{p.GetValue(notes.Domains)}")))
            .Concat(notes.Training.GetType().GetProperties().Where(p => p.CanWrite && p.Name != "Seed")
                .Select(p => new KeyValuePair<string, string>(TrainingReport.InWords(p.Name), F($"{p.GetValue(notes.Training)}"))));

    private static string F(FormattableString text) => FormattableString.Invariant(text);
}
