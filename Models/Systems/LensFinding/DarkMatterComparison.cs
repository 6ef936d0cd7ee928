using System;
using System.Collections.Generic;
using System.Linq;
using Hybrid.Models.Evaluation;

namespace Hybrid.Models.Systems.LensFinding;

/// <summary>One method, trained once, on the test images.</summary>
/// <param name="Method">Which method.</param>
/// <param name="Seed">Of the training.</param>
/// <param name="Scores">Of the test images, in the order of their cache.</param>
public sealed record DarkMatterRun(LensFindingMethod Method, long Seed, ClassScores Scores);

/// <summary>A method over all its runs.</summary>
/// <param name="Method">Its name.</param>
/// <param name="Runs">How many; 0 where it did not run.</param>
/// <param name="Accuracy">Mean.</param>
/// <param name="AccuracyDeviation">Over runs.</param>
/// <param name="MacroAuc">Mean over runs and classes of the areas under the characteristics.</param>
/// <param name="Gain">Mean accuracy above the baseline's of the same seed, test images drawn again; null for the baseline, or without
/// one.</param>
/// <param name="OverAdaBn">The same above adaptive batch normalisation.</param>
/// <param name="GapClosed">Share of the gap between baseline and supervised bound that it closes; null without one of them.</param>
public sealed record DarkMatterRow(
    string Method, int Runs, double Accuracy, double AccuracyDeviation, double MacroAuc, Bootstrapped? Gain, Bootstrapped? OverAdaBn,
    double? GapClosed);

/// <summary>Methods beside each other on three classes of dark matter; what comparison.json holds.</summary>
/// <param name="Rows">In the order in which they were asked for.</param>
/// <param name="TestImages">Images that judged.</param>
public sealed record DarkMatterComparison(IReadOnlyList<DarkMatterRow> Rows, int TestImages)
{
    /// <summary>Compares runs.</summary>
    /// <param name="runs">Each method with the same seeds as the baseline, on the same test images.</param>
    /// <param name="asked">Methods that should have run.</param>
    /// <param name="resamples">Of the bootstrap.</param>
    public static DarkMatterComparison Of(
        IReadOnlyList<DarkMatterRun> runs, IReadOnlyList<LensFindingMethod> asked, int resamples = 1000)
    {
        ArgumentNullException.ThrowIfNull(runs);
        ArgumentNullException.ThrowIfNull(asked);
        var right = runs.ToDictionary(run => run, run => Enumerable.Range(0, run.Scores.Count)
            .Select(i => Classification.Answer(run.Scores.LogProbability[i]) == run.Scores.Label[i] ? 1.0 : 0).ToArray());
        var ofMethod = runs.ToLookup(run => run.Method);
        var (baseline, bound) = (Mean(LensFindingMethod.SourceOnly), Mean(LensFindingMethod.Supervised));
        return new DarkMatterComparison([.. asked.Select(Row)], runs.Count == 0 ? 0 : runs[0].Scores.Count);

        double? Mean(LensFindingMethod method) => ofMethod[method].Any() ? ofMethod[method].Average(run => right[run].Average()) : null;

        DarkMatterRow Row(LensFindingMethod method)
        {
            var own = ofMethod[method].ToArray();
            var name = LensFindingMethods.NameOf(method);
            if (own.Length == 0) return new DarkMatterRow(name, 0, double.NaN, double.NaN, double.NaN, null, null, null);
            var accuracies = own.Select(run => right[run].Average()).ToArray();
            var mean = accuracies.Average();
            var area = own.Average(run => Classification.Of(run.Scores.LogProbability, run.Scores.Label).MacroAuc);
            return new DarkMatterRow(
                name, own.Length, mean, SampleDeviation.Of(accuracies), area,
                Over(own, LensFindingMethod.SourceOnly), Over(own, LensFindingMethod.AdaBn),
                baseline is { } low && bound is { } high && high > low && method != LensFindingMethod.SourceOnly
                    ? (mean - low) / (high - low)
                    : null);
        }

        Bootstrapped? Over(DarkMatterRun[] own, LensFindingMethod other)
        {
            var others = ofMethod[other].ToDictionary(run => run.Seed);
            var pairs = own.Where(run => others.ContainsKey(run.Seed))
                .Select(run => (Own: right[run], Other: right[others[run.Seed]])).ToArray();
            if (own[0].Method == other || pairs.Length == 0) return null;
            // Of each image the mean over seeds of what is gained on it.
            var gains = Enumerable.Range(0, pairs[0].Own.Length).Select(i => pairs.Average(pair => pair.Own[i] - pair.Other[i])).ToArray();
            return Bootstrap.Of(gains.Length, chosen => chosen.Average(i => gains[i]), resamples);
        }
    }

    /// <summary>The method that adapts best, the baseline and the bound aside; null where none ran.</summary>
    public DarkMatterRow? Best
        => Rows.Where(row => row.Runs > 0 && row.Method is not ("source-only" or "supervised")).MaxBy(row => row.Accuracy);

    /// <summary>The result in one line.</summary>
    public string LastLine
    {
        get
        {
            var best = Best;
            var gain = best?.Gain is { } g ? F($" ({g.Value:+0.000;-0.000}, 95 % interval {g.Low:0.000} to {g.High:0.000})") : "";
            return $"accuracy source-only {Accuracy("source-only")}, adabn {Accuracy("adabn")}, best {best?.Method ?? "none"} "
                + $"{Accuracy(best?.Method)}{gain}, supervised {Accuracy("supervised")}";
        }
    }

    private string Accuracy(string? method)
        => Rows.FirstOrDefault(row => row.Method == method && row.Runs > 0) is { } row ? F($"{row.Accuracy:0.000}") : "did not run";

    private static string F(FormattableString text) => FormattableString.Invariant(text);
}
