using System;
using System.Collections.Generic;
using System.Linq;
using Hybrid.Models.Evaluation;

namespace Hybrid.Models.Systems.EinsteinRadius;

/// <summary>One technique, trained once, on the test images of one fold of sources.</summary>
/// <param name="Technique">Which one.</param>
/// <param name="Fold">Which half of the sources judged.</param>
/// <param name="Seed">Of the training.</param>
/// <param name="Test">Estimates of the clean test.</param>
/// <param name="Small">Of the 32 with the radii of the original's lenses.</param>
public sealed record RadiusRun(RadiusTechnique Technique, int Fold, long Seed, RadiusPredictions Test, RadiusPredictions Small);

/// <summary>A technique over all its runs; means over folds and seeds, intervals over galaxies.</summary>
/// <param name="Technique">Its name.</param>
/// <param name="Runs">Folds times seeds; 0 where it did not run.</param>
/// <param name="All">Every test image.</param>
/// <param name="Bright">Images with a bright arc; null without such images.</param>
/// <param name="Seen">Images whose arc outshines the galaxy inside the ring, radius above 0.8″; null without such images.</param>
/// <param name="Small">The 32.</param>
/// <param name="SeedDeviation">Deviation of the mean |fractional error| over runs.</param>
/// <param name="Gain">Its mean |fractional error| less that of β-NLL without adaptation on the same images, folds and seeds, resampled by
/// galaxy: below 0 is better. Null for that one, or without it.</param>
public sealed record RadiusComparisonRow(
    string Technique, int Runs, RadiusEvaluation? All, RadiusEvaluation? Bright, RadiusEvaluation? Seen, RadiusEvaluation? Small,
    double SeedDeviation, Bootstrapped? Gain);

/// <summary>Techniques beside each other; what comparison.json holds.</summary>
/// <param name="Rows">Those that were asked for, in the order of <see cref="RadiusTechniques.All"/>.</param>
public sealed record RadiusComparison(IReadOnlyList<RadiusComparisonRow> Rows)
{
    /// <summary>The technique that others are held to.</summary>
    public const RadiusTechnique Baseline = RadiusTechnique.BetaNll;

    /// <summary>Compares runs.</summary>
    /// <param name="runs">Each technique with the same folds and seeds.</param>
    /// <param name="asked">Techniques that should have run; one without a run has a row that says so.</param>
    /// <param name="resamples">Of the bootstraps.</param>
    public static RadiusComparison Of(IReadOnlyList<RadiusRun> runs, IReadOnlyList<RadiusTechnique> asked, int resamples = 1000)
    {
        ArgumentNullException.ThrowIfNull(runs);
        ArgumentNullException.ThrowIfNull(asked);
        var of = runs.ToLookup(run => run.Technique);
        var baseline = of[Baseline].ToArray();
        return new RadiusComparison(asked.Select(technique =>
        {
            var own = of[technique].OrderBy(run => run.Fold).ThenBy(run => run.Seed).ToArray();
            var name = RadiusTechniques.Of(technique).Name;
            if (own.Length == 0) return new RadiusComparisonRow(name, 0, null, null, null, null, double.NaN, null);
            var test = Together(own.Select(run => run.Test));
            var means = own.Select(run => run.Test.FractionalError.Average(Math.Abs)).ToArray();
            return new RadiusComparisonRow(
                name, own.Length, RadiusEvaluation.Of(test, resamples), Subset(RadiusSubset.Bright), Subset(RadiusSubset.Seen),
                RadiusEvaluation.Of(Together(own.Select(run => run.Small)), resamples), SampleDeviation.Of(means),
                technique == Baseline ? null : Gain(own));

            RadiusEvaluation? Subset(RadiusSubset subset)
            {
                var chosen = subset.Of(test);
                return chosen.Count == 0 ? null : RadiusEvaluation.Of(chosen, resamples);
            }
        }).ToArray());

        // Paired image by image: what both see drops out.
        Bootstrapped? Gain(RadiusRun[] own)
        {
            var pairs = own.Select(run => (run, other: baseline.FirstOrDefault(b => b.Fold == run.Fold && b.Seed == run.Seed)))
                .Where(pair => pair.other is not null).ToArray();
            if (pairs.Length == 0) return null;
            var difference = pairs.SelectMany(pair => pair.run.Test.FractionalError.Zip(
                pair.other!.Test.FractionalError, (a, b) => Math.Abs(a) - Math.Abs(b))).ToArray();
            var galaxies = pairs.SelectMany(pair => pair.run.Test.Galaxy).ToArray();
            return galaxies.Distinct().Count() < 2
                ? null
                : GroupedBootstrap.Of(galaxies, places => places.Average(place => difference[place]), resamples);
        }
    }

    /// <summary>The technique with the smallest error over all, the constant answer aside; null where none ran.</summary>
    public RadiusComparisonRow? Best
        => Rows.Where(row => row.All is not null && row.Technique != "constant").MinBy(row => row.All!.MeanError.Value);

    /// <summary>The result in one line.</summary>
    public string LastLine
    {
        get
        {
            var (best, constant) = (Best, Rows.FirstOrDefault(row => row.Technique == "constant" && row.All is not null));
            if (best?.All is not { } all) return "no technique ran";
            var bright = best.Bright is { } b
                ? F($"{b.MeanError.Value:0.000} bright ({b.MeanError.Low:0.000} to {b.MeanError.High:0.000})")
                : "none bright";
            var answer = constant?.All is { } c ? F($"{c.MeanError.Value:0.00} by the constant answer") : "the constant answer did not run";
            return F($"mean |fractional error| {all.MeanError.Value:0.000} all, {bright} by {best.Technique}, {answer}, ")
                + F($"on {all.Count / best.Runs} unseen quasi-real lenses");
        }
    }

    private static RadiusPredictions Together(IEnumerable<RadiusPredictions> parts)
    {
        var all = parts.ToArray();
        T[] Joined<T>(Func<RadiusPredictions, T[]> of) => all.SelectMany(of).ToArray();
        return new(
            Joined(p => p.Truth), Joined(p => p.Estimate), Joined(p => p.Deviation), Joined(p => p.Galaxy), Joined(p => p.Source),
            Joined(p => p.ArcRatio), Joined(p => p.SignalToNoise));
    }

    private static string F(FormattableString text) => FormattableString.Invariant(text);
}
