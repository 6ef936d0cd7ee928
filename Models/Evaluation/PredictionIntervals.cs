using System;
using System.Collections.Generic;
using System.Linq;
using System.Threading.Tasks;
using Hybrid.Data.Statistics;
using MathNet.Numerics.Distributions;

namespace Hybrid.Models.Evaluation;

/// <summary>A median with its quartiles.</summary>
public sealed record Quartiles(double Median, double Lower, double Upper);

/// <summary>A point of a calibration curve.</summary>
/// <param name="Nominal">Probability of the central interval, in (0, 1).</param>
/// <param name="Observed">Share of truths inside.</param>
public sealed record CalibrationPoint(double Nominal, double Observed);

/// <summary>
/// How good estimates with prediction intervals are. An interval is estimate ± halfWidth; truths on its edge are inside. All lengths are in
/// the unit of the truth.
/// </summary>
/// <param name="Count">Estimates judged.</param>
/// <param name="AbsoluteError">|estimate − truth|: median and quartiles.</param>
/// <param name="Width">2 · halfWidth: median and quartiles.</param>
/// <param name="MedianAbsoluteError">The median above, with its bootstrap interval.</param>
/// <param name="MedianWidth">The median width, with its bootstrap interval.</param>
/// <param name="Coverage">Share of truths inside their interval.</param>
/// <param name="Above">Share of truths above.</param>
/// <param name="Below">Share of truths below.</param>
/// <param name="IntervalScore">Mean of width + (2/α)·excess, excess the distance of an outside truth from its interval: the proper score of
/// Gneiting and Raftery 2007, eq. 43. Smaller is better.</param>
/// <param name="OriginalScore">BlaST's own score, 2·h + 0.341345·h for truths outside, h the half width: median and quartiles, to compare
/// with its published figures.</param>
/// <param name="Calibration">Observed against nominal coverage of central intervals of the same normal distributions.</param>
public sealed record PredictionIntervals(
    int Count, Quartiles AbsoluteError, Quartiles Width, Bootstrapped MedianAbsoluteError, Bootstrapped MedianWidth,
    Bootstrapped Coverage, Bootstrapped Above, Bootstrapped Below, Bootstrapped IntervalScore, Quartiles OriginalScore,
    IReadOnlyList<CalibrationPoint> Calibration)
{
    /// <summary>The share by which BlaST raises the score of a truth outside.</summary>
    private const double OriginalPenalty = 0.341345;

    /// <param name="truth">What was to be estimated.</param>
    /// <param name="estimate">As many.</param>
    /// <param name="halfWidth">Half the length of each interval, ≥ 0.</param>
    /// <param name="sigmas">How many standard deviations halfWidth is: 1.96 for intervals of 95 %.</param>
    /// <param name="resamples">Bootstrap resamples.</param>
    /// <param name="seed">Of the resampling.</param>
    /// <exception cref="ArgumentException">Lengths differ, there is nothing to judge, or a number is not finite or a half width negative;
    /// the message names the place.</exception>
    public static PredictionIntervals Of(
        IReadOnlyList<double> truth,
        IReadOnlyList<double> estimate,
        IReadOnlyList<double> halfWidth,
        double sigmas = 1.96,
        int resamples = 1000,
        long seed = 0)
    {
        var n = truth.Count;
        if (estimate.Count != n || halfWidth.Count != n)
            throw new ArgumentException(
                $"PredictionIntervals: expected as many estimates and half widths as truths ({n}), "
                + $"got {estimate.Count} and {halfWidth.Count}.",
                nameof(estimate));
        if (n == 0) throw new ArgumentException("PredictionIntervals: expected at least one estimate, got none.", nameof(truth));
        if (!(sigmas > 0))
            throw new ArgumentOutOfRangeException(nameof(sigmas), $"PredictionIntervals: expected sigmas > 0, got {sigmas}.");
        if (resamples < 1)
            throw new ArgumentOutOfRangeException(
                nameof(resamples), $"PredictionIntervals: expected at least one resample, got {resamples}.");
        for (var i = 0; i < n; i++)
        {
            if (!double.IsFinite(truth[i]) || !double.IsFinite(estimate[i]) || !(halfWidth[i] >= 0) || !double.IsFinite(halfWidth[i]))
                throw new ArgumentException(
                    $"PredictionIntervals, estimate {i}: expected finite numbers and a half width ≥ 0, "
                    + $"got truth {truth[i]}, estimate {estimate[i]}, half width {halfWidth[i]}.",
                    nameof(truth));
        }

        var alpha = 2 * Normal.CDF(0, 1, -sigmas);
        var error = new double[n];
        var width = new double[n];
        var above = new double[n];
        var below = new double[n];
        var score = new double[n];
        var original = new double[n];
        for (var i = 0; i < n; i++)
        {
            var residual = truth[i] - estimate[i];
            error[i] = Math.Abs(residual);
            width[i] = 2 * halfWidth[i];
            above[i] = residual > halfWidth[i] ? 1 : 0;
            below[i] = residual < -halfWidth[i] ? 1 : 0;
            score[i] = width[i] + (2 / alpha * Math.Max(0, error[i] - halfWidth[i]));
            original[i] = width[i] + (above[i] + below[i] > 0 ? OriginalPenalty * halfWidth[i] : 0);
        }
        var inside = above.Zip(below, (a, b) => 1 - a - b).ToArray();

        // One set of resamples for all numbers.
        var draws = new double[6][];
        for (var k = 0; k < 6; k++) draws[k] = new double[resamples];
        Parallel.For(0, resamples, r =>
        {
            var chosen = Bootstrap.Draw(n, seed, r);
            draws[0][r] = Median(chosen, error);
            draws[1][r] = Median(chosen, width);
            draws[2][r] = Mean(chosen, inside);
            draws[3][r] = Mean(chosen, above);
            draws[4][r] = Mean(chosen, below);
            draws[5][r] = Mean(chosen, score);
        });
        Bootstrapped With(double value, int k) => new(value, Percentile.Of(draws[k], 2.5), Percentile.Of(draws[k], 97.5));

        return new PredictionIntervals(
            n, Three(error), Three(width), With(Percentile.Median(error), 0), With(Percentile.Median(width), 1),
            With(inside.Average(), 2), With(above.Average(), 3), With(below.Average(), 4), With(score.Average(), 5), Three(original),
            Curve(error, halfWidth, sigmas));
    }

    private static double Mean(int[] chosen, double[] of)
    {
        var sum = 0.0;
        foreach (var i in chosen) sum += of[i];
        return sum / chosen.Length;
    }

    private static double Median(int[] chosen, double[] of)
    {
        var values = new double[chosen.Length];
        for (var i = 0; i < chosen.Length; i++) values[i] = of[chosen[i]];
        return Percentile.Median(values);
    }

    private static Quartiles Three(double[] values) => new(Percentile.Median(values), Percentile.Of(values, 25), Percentile.Of(values, 75));

    private static CalibrationPoint[] Curve(double[] error, IReadOnlyList<double> halfWidth, double sigmas)
    {
        double[] levels = [.. Enumerable.Range(1, 19).Select(k => k / 20.0), 0.975, 0.99];
        return levels.Select(level =>
        {
            var z = Normal.InvCDF(0, 1, (1 + level) / 2) / sigmas;
            return new CalibrationPoint(level, error.Where((e, i) => e <= z * halfWidth[i]).Count() / (double)error.Length);
        }).ToArray();
    }
}
