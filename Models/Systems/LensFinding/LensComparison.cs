using System;
using System.Collections.Generic;
using System.Linq;
using Hybrid.Models.Evaluation;

namespace Hybrid.Models.Systems.LensFinding;

/// <summary>One method, trained once, on the test images of one fold.</summary>
/// <param name="Method">Which method.</param>
/// <param name="Fold">Which fold judged.</param>
/// <param name="Seed">Of the training.</param>
/// <param name="Scores">Of the fold's test images, in the order of their cache.</param>
public sealed record LensRun(LensFindingMethod Method, int Fold, long Seed, LensScores Scores)
{
    /// <summary>Name of the encoder.</summary>
    public string Backbone { get; init; } = LensBackbones.All[0].Name;
}

/// <summary>A method with one encoder over all its runs.</summary>
/// <param name="Method">Its name.</param>
/// <param name="Runs">Folds times seeds; 0 where it did not run.</param>
/// <param name="Auc">Mean area under the characteristic.</param>
/// <param name="AucDeviation">Over runs.</param>
/// <param name="BalancedAccuracy">Mean, at a probability of ½.</param>
/// <param name="BalancedAccuracyDeviation">Over runs.</param>
/// <param name="AveragePrecision">Mean, at a hundred non-lenses a lens.</param>
/// <param name="TprAtHundredth">Mean share of lenses found at a false-positive rate of 0.01.</param>
/// <param name="BestF">Mean of the largest F_β, β² = 0.001.</param>
/// <param name="CalibrationError">Mean expected calibration error.</param>
/// <param name="AucGain">Mean area above the baseline's of the same fold and seed, resampled by galaxy; null for the baseline, or
/// without one.</param>
/// <param name="AccuracyGain">The same of balanced accuracies.</param>
/// <param name="GapClosed">Share of the gap of balanced accuracy between baseline and supervised bound that it closes; null where one
/// of them did not run.</param>
public sealed record LensComparisonRow(
    string Method, int Runs, double Auc, double AucDeviation, double BalancedAccuracy, double BalancedAccuracyDeviation,
    double AveragePrecision, double TprAtHundredth, double BestF, double CalibrationError, Bootstrapped? AucGain,
    Bootstrapped? AccuracyGain, double? GapClosed)
{
    /// <summary>Name of the encoder.</summary>
    public string Backbone { get; init; } = LensBackbones.All[0].Name;
}

/// <summary>Methods beside each other; what comparison.json holds.</summary>
/// <param name="Rows">Encoder by encoder, each in the order of <see cref="LensFindingMethods.All"/>; those that were asked for.</param>
/// <param name="TestImages">Images that judged, over all folds.</param>
/// <param name="TestGalaxies">Real galaxies in them.</param>
public sealed record LensComparison(IReadOnlyList<LensComparisonRow> Rows, int TestImages, int TestGalaxies)
{
    /// <summary>Compares runs: each with the baseline and the bound of the same encoder.</summary>
    /// <param name="runs">Each method with the same folds and seeds as the baseline.</param>
    /// <param name="asked">Methods that should have run; one without a run has a row of its own that says so.</param>
    /// <param name="resamples">Of the bootstrap.</param>
    /// <param name="backbones">Encoders that should have run; null for those of <paramref name="runs"/>.</param>
    public static LensComparison Of(
        IReadOnlyList<LensRun> runs, IReadOnlyList<LensFindingMethod> asked, int resamples = 1000,
        IReadOnlyList<string>? backbones = null)
    {
        ArgumentNullException.ThrowIfNull(runs);
        ArgumentNullException.ThrowIfNull(asked);
        var rows = (backbones ?? [.. runs.Select(run => run.Backbone).Distinct()])
            .SelectMany(backbone => RowsOf(backbone, [.. runs.Where(run => run.Backbone == backbone)], asked, resamples)).ToArray();
        var tests = runs.GroupBy(run => run.Fold).Select(fold => fold.First().Scores).ToArray();
        return new LensComparison(
            rows, tests.Sum(scores => scores.Count),
            tests.SelectMany(scores => scores.Galaxy).Where(galaxy => galaxy >= 0).Distinct().Count());
    }

    private static IEnumerable<LensComparisonRow> RowsOf(
        string backbone, IReadOnlyList<LensRun> runs, IReadOnlyList<LensFindingMethod> asked, int resamples)
    {
        var evaluations = runs.ToDictionary(run => run, run => LensEvaluation.Of(run.Scores));
        var ofMethod = runs.ToLookup(run => run.Method);
        var baseline = Accuracy(LensFindingMethod.SourceOnly);
        var bound = Accuracy(LensFindingMethod.Supervised);
        return asked.Select(method => Row(method) with { Backbone = backbone }).ToArray();

        LensComparisonRow Row(LensFindingMethod method)
        {
            var own = ofMethod[method].ToArray();
            var name = LensFindingMethods.NameOf(method);
            if (own.Length == 0)
            {
                const double None = double.NaN;
                return new LensComparisonRow(name, 0, None, None, None, None, None, None, None, None, null, null, null);
            }
            var judged = own.Select(run => evaluations[run]).ToArray();
            var areas = judged.Select(e => e.Area.Auc).ToArray();
            var accuracies = judged.Select(e => e.BalancedAccuracy).ToArray();
            var isCompared = method != LensFindingMethod.SourceOnly && ofMethod[LensFindingMethod.SourceOnly].Any();
            var pairs = isCompared ? new PairedRuns(own, ofMethod[LensFindingMethod.SourceOnly]) : null;
            return new LensComparisonRow(
                name, own.Length, areas.Average(), SampleDeviation.Of(areas), accuracies.Average(), SampleDeviation.Of(accuracies),
                judged.Average(e => e.AveragePrecision), judged.Average(e => e.TprAtHundredth), judged.Average(e => e.BestF),
                judged.Average(e => e.CalibrationError), pairs?.AucGain(resamples), pairs?.AccuracyGain(resamples),
                baseline is { } low && bound is { } high && high > low && method != LensFindingMethod.SourceOnly
                    ? (accuracies.Average() - low) / (high - low)
                    : null);
        }

        double? Accuracy(LensFindingMethod method)
            => ofMethod[method].Any() ? ofMethod[method].Average(run => evaluations[run].BalancedAccuracy) : null;
    }

    /// <summary>The method and encoder that adapt best by area, the baseline and the bound aside; null where none ran.</summary>
    public LensComparisonRow? Best
        => Rows.Where(row => row.Runs > 0 && row.Method is not ("source-only" or "supervised")).MaxBy(row => row.Auc);

    /// <summary>The result in one line: of the best encoder where there are several.</summary>
    public string LastLine
    {
        get
        {
            var best = Best;
            var encoders = Rows.Select(row => row.Backbone).Distinct().ToArray();
            var of = best?.Backbone ?? encoders.FirstOrDefault();
            var (low, high) = (Named("source-only", of), Named("supervised", of));
            var gain = best?.AucGain is { } g ? F($" ({g.Value:+0.000;-0.000}, 95 % interval {g.Low:0.000} to {g.High:0.000})") : "";
            var which = encoders.Length > 1 && best is not null ? $"; {of} is the best of {encoders.Length} backbones" : "";
            return $"AUROC source-only {Area(low)}, best {best?.Method ?? "none"} {Area(best)}{gain}, supervised {Area(high)}; "
                + $"balanced accuracy {Accuracy(low)}, {Accuracy(best)}, {Accuracy(high)}{which}";
        }
    }

    private LensComparisonRow? Named(string method, string? backbone)
        => Rows.FirstOrDefault(row => row.Method == method && row.Backbone == backbone && row.Runs > 0);

    private static string Area(LensComparisonRow? row) => row is null ? "did not run" : F($"{row.Auc:0.000}");

    private static string Accuracy(LensComparisonRow? row) => row is null ? "did not run" : F($"{row.BalancedAccuracy:0.00}");

    private static string F(FormattableString text) => FormattableString.Invariant(text);
}
