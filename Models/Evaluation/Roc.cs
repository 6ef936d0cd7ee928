using System;
using System.Collections.Generic;
using System.Linq;
using System.Threading.Tasks;
using Hybrid.Data.Statistics;
using MathNet.Numerics.Distributions;

namespace Hybrid.Models.Evaluation;

/// <summary>The area under one receiver operating characteristic, with its error by DeLong.</summary>
/// <param name="Auc">The share of pairs of a positive and a negative that the scores order right; a tie is half a pair. In [0, 1].</param>
/// <param name="StandardError">Its standard error (DeLong, DeLong and Clarke-Pearson 1988); 0 where all pairs are right.</param>
/// <param name="Low">Lower end of the 95 % interval, ≥ 0.</param>
/// <param name="High">Its upper end, ≤ 1.</param>
/// <param name="Positives">Positives, ≥ 1.</param>
/// <param name="Negatives">Negatives, ≥ 1.</param>
public sealed record RocArea(double Auc, double StandardError, double Low, double High, int Positives, int Negatives)
{
    /// <summary>The value with its interval, as it stands in tables.</summary>
    public override string ToString() => FormattableString.Invariant($"{Auc:0.0000} ({Low:0.0000} to {High:0.0000})");
}

/// <summary>The difference of the areas of two scores of the same samples.</summary>
/// <param name="Difference">The first one's area minus the second one's.</param>
/// <param name="StandardError">Its standard error, with what the two have in common.</param>
/// <param name="Low">Lower end of the 95 % interval.</param>
/// <param name="High">Its upper end.</param>
/// <param name="PValue">Two-sided, that a difference as large comes from equal areas; 1 where the scores order all pairs alike.</param>
public sealed record RocDifference(double Difference, double StandardError, double Low, double High, double PValue);

/// <summary>A point of a characteristic: all samples of at least this score are called positive.</summary>
/// <param name="Threshold">The score; +∞ at the origin.</param>
/// <param name="FalsePositiveRate">Share of the negatives that are called positive.</param>
/// <param name="TruePositiveRate">Share of the positives that are.</param>
public readonly record struct RocPoint(double Threshold, double FalsePositiveRate, double TruePositiveRate);

/// <summary>
/// Receiver operating characteristics of scores, higher for positives. Areas and errors take O(n log n) by mid-ranks (Sun and Xu 2014).
/// </summary>
public static class Roc
{
    private const double Sigmas = 1.959963984540054;

    /// <summary>The area under the characteristic, with its 95 % interval.</summary>
    /// <param name="scores">A finite or infinite number for each sample, not NaN.</param>
    /// <param name="isPositive">What each sample is.</param>
    /// <exception cref="ArgumentException">The lengths differ, a score is NaN, or there are no positives or no negatives.</exception>
    public static RocArea Area(ReadOnlySpan<double> scores, ReadOnlySpan<bool> isPositive)
    {
        var placements = Placements(scores, isPositive);
        var auc = placements.Auc;
        var error = Math.Sqrt(Variance(placements.OfPositives, auc) + Variance(placements.OfNegatives, auc));
        return new RocArea(
            auc, error, Math.Max(0, auc - Sigmas * error), Math.Min(1, auc + Sigmas * error), placements.OfPositives.Length,
            placements.OfNegatives.Length);
    }

    /// <summary>
    /// The difference of two scores' areas on the same samples, which their correlation makes surer than the two intervals say.
    /// </summary>
    /// <param name="first">A score for each sample.</param>
    /// <param name="second">Another one for the same samples.</param>
    /// <param name="isPositive">What each sample is.</param>
    /// <exception cref="ArgumentException">As for <see cref="Area"/>.</exception>
    public static RocDifference Compare(ReadOnlySpan<double> first, ReadOnlySpan<double> second, ReadOnlySpan<bool> isPositive)
    {
        var (a, b) = (Placements(first, isPositive), Placements(second, isPositive));
        var difference = a.Auc - b.Auc;
        var positives = Differences(a.OfPositives, b.OfPositives);
        var negatives = Differences(a.OfNegatives, b.OfNegatives);
        var error = Math.Sqrt(Variance(positives, difference) + Variance(negatives, difference));
        var p = error == 0 ? (difference == 0 ? 1 : 0) : 2 * Normal.CDF(0, 1, -Math.Abs(difference) / error);
        return new RocDifference(difference, error, difference - Sigmas * error, difference + Sigmas * error, p);

        static double[] Differences(double[] x, double[] y) => x.Zip(y, (u, v) => u - v).ToArray();
    }

    /// <summary>The characteristic from (0, 0) to (1, 1), a point for each different score.</summary>
    /// <param name="scores">A score for each sample.</param>
    /// <param name="isPositive">What each sample is.</param>
    /// <exception cref="ArgumentException">As for <see cref="Area"/>.</exception>
    public static IReadOnlyList<RocPoint> Curve(ReadOnlySpan<double> scores, ReadOnlySpan<bool> isPositive)
    {
        var (positives, negatives) = Check(scores, isPositive);
        var order = Descending(scores);
        var points = new List<RocPoint> { new(double.PositiveInfinity, 0, 0) };
        var (truePositives, falsePositives) = (0, 0);
        for (var i = 0; i < order.Length; i++)
        {
            if (isPositive[order[i]]) truePositives++;
            else falsePositives++;
            if (i + 1 < order.Length && scores[order[i + 1]] == scores[order[i]]) continue;
            points.Add(new RocPoint(scores[order[i]], (double)falsePositives / negatives, (double)truePositives / positives));
        }
        return points;
    }

    /// <summary>
    /// A 95 % band of the true positive rate at each point of the characteristic, by drawing positives and negatives again. It holds at
    /// each false positive rate by itself, not for the whole curve at once.
    /// </summary>
    /// <param name="scores">A score for each sample.</param>
    /// <param name="isPositive">What each sample is.</param>
    /// <param name="resamples">How often samples are drawn again, ≥ 1.</param>
    /// <param name="seed">Of the draws.</param>
    /// <returns>As many limits as <see cref="Curve"/> has points, both rising, in [0, 1].</returns>
    /// <exception cref="ArgumentException">As for <see cref="Area"/>, or there are no resamples.</exception>
    public static (double[] Low, double[] High) Band(
        ReadOnlySpan<double> scores, ReadOnlySpan<bool> isPositive, int resamples = 200, long seed = 0)
    {
        if (resamples < 1)
            throw new ArgumentOutOfRangeException(nameof(resamples), $"Roc.Band: expected at least one resample, got {resamples}.");
        var curve = Curve(scores, isPositive);
        var places = curve.Select(point => point.FalsePositiveRate).ToArray();
        var (all, kinds) = (scores.ToArray(), isPositive.ToArray());
        var (positives, negatives) = (Places(isPositive, true), Places(isPositive, false));
        var order = Descending(scores);
        var drawn = new double[resamples][];
        Parallel.For(0, resamples, r =>
        {
            var (times, truePositives, falsePositives) = (new int[all.Length], 0, 0);
            foreach (var i in Bootstrap.Draw(positives.Length, seed, 2 * r)) times[positives[i]]++;
            foreach (var i in Bootstrap.Draw(negatives.Length, seed, (2 * r) + 1)) times[negatives[i]]++;
            var (rates, next) = (new double[places.Length], 0);
            // From the highest score down: the true positives before the false positive rate of a place is passed.
            for (var i = 0; i < order.Length;)
            {
                var (before, j) = (truePositives, i);
                for (; j < order.Length && all[order[j]] == all[order[i]]; j++)
                {
                    if (kinds[order[j]]) truePositives += times[order[j]];
                    else falsePositives += times[order[j]];
                }
                while (next < places.Length && places[next] < ((double)falsePositives / negatives.Length) - 1e-12)
                    rates[next++] = (double)before / positives.Length;
                i = j;
            }
            while (next < places.Length) rates[next++] = 1;
            drawn[r] = rates;
        });
        var (low, high) = (new double[places.Length], new double[places.Length]);
        Parallel.For(0, places.Length, p =>
        {
            var rates = drawn.Select(one => one[p]).ToArray();
            (low[p], high[p]) = (Percentile.Of(rates, 2.5), Percentile.Of(rates, 97.5));
        });
        return (low, high);

        static int[] Places(ReadOnlySpan<bool> kinds, bool kind)
        {
            var found = new List<int>();
            for (var i = 0; i < kinds.Length; i++) if (kinds[i] == kind) found.Add(i);
            return [.. found];
        }
    }

    /// <summary>The largest share of negatives that is rejected where at least so many positives are kept.</summary>
    /// <param name="scores">A score for each sample.</param>
    /// <param name="isPositive">What each sample is.</param>
    /// <param name="efficiency">Share of the positives to keep, in (0, 1].</param>
    /// <returns>1 − the false positive rate, in [0, 1].</returns>
    public static double RejectionAt(ReadOnlySpan<double> scores, ReadOnlySpan<bool> isPositive, double efficiency)
    {
        if (!(efficiency is > 0 and <= 1))
            throw new ArgumentOutOfRangeException(
                nameof(efficiency), $"Roc.RejectionAt: expected an efficiency in (0, 1], got {efficiency}.");
        return 1 - Curve(scores, isPositive).First(point => point.TruePositiveRate >= efficiency - 1e-12).FalsePositiveRate;
    }

    /// <summary>The largest share of positives that is found where at most so many negatives are called positive.</summary>
    /// <param name="scores">A score for each sample.</param>
    /// <param name="isPositive">What each sample is.</param>
    /// <param name="falsePositiveRate">In [0, 1].</param>
    /// <returns>The true positive rate, in [0, 1].</returns>
    public static double SensitivityAt(ReadOnlySpan<double> scores, ReadOnlySpan<bool> isPositive, double falsePositiveRate)
    {
        if (!(falsePositiveRate is >= 0 and <= 1))
            throw new ArgumentOutOfRangeException(
                nameof(falsePositiveRate), $"Roc.SensitivityAt: expected a false positive rate in [0, 1], got {falsePositiveRate}.");
        return Curve(scores, isPositive).Last(point => point.FalsePositiveRate <= falsePositiveRate + 1e-12).TruePositiveRate;
    }

    /// <summary>
    /// For each positive the share of negatives that it stands above, and for each negative the share of positives that stand above it.
    /// </summary>
    private static (double Auc, double[] OfPositives, double[] OfNegatives) Placements(
        ReadOnlySpan<double> scores,
        ReadOnlySpan<bool> isPositive)
    {
        var (positives, negatives) = Check(scores, isPositive);
        var (all, positive, negative) = (new double[scores.Length], new double[positives], new double[negatives]);
        var (p, n) = (0, 0);
        for (var i = 0; i < scores.Length; i++)
        {
            if (isPositive[i]) positive[p++] = scores[i];
            else negative[n++] = scores[i];
        }
        MidRanks(scores, all);
        var (amongPositives, amongNegatives) = (new double[positives], new double[negatives]);
        MidRanks(positive, amongPositives);
        MidRanks(negative, amongNegatives);
        (p, n) = (0, 0);
        for (var i = 0; i < scores.Length; i++)
        {
            if (isPositive[i]) { positive[p] = (all[i] - amongPositives[p]) / negatives; p++; }
            else { negative[n] = 1 - ((all[i] - amongNegatives[n]) / positives); n++; }
        }
        return (positive.Average(), positive, negative);
    }

    /// <summary>The variance of a mean of placements: their sample variance over their number; 0 for one.</summary>
    private static double Variance(double[] placements, double mean)
        => placements.Length < 2
            ? 0
            : placements.Sum(value => (value - mean) * (value - mean)) / (placements.Length - 1) / placements.Length;

    /// <summary>Ranks from 1; equal values share the mean of theirs.</summary>
    private static void MidRanks(ReadOnlySpan<double> values, double[] ranks)
    {
        var order = Descending(values);
        Array.Reverse(order);
        for (var i = 0; i < order.Length;)
        {
            var j = i;
            while (j < order.Length && values[order[j]] == values[order[i]]) j++;
            for (var k = i; k < j; k++) ranks[order[k]] = ((i + j - 1) / 2.0) + 1;
            i = j;
        }
    }

    private static int[] Descending(ReadOnlySpan<double> values)
    {
        var (keys, order) = (values.ToArray(), Enumerable.Range(0, values.Length).ToArray());
        Array.Sort(keys, order);
        Array.Reverse(order);
        return order;
    }

    private static (int Positives, int Negatives) Check(ReadOnlySpan<double> scores, ReadOnlySpan<bool> isPositive)
    {
        if (scores.Length != isPositive.Length)
            throw new ArgumentException(
                $"Roc: expected a kind for each of {scores.Length} scores, got {isPositive.Length}.", nameof(isPositive));
        for (var i = 0; i < scores.Length; i++)
            if (double.IsNaN(scores[i])) throw new ArgumentException($"Roc: expected numbers, score {i} is NaN.", nameof(scores));
        var positives = 0;
        foreach (var flag in isPositive) positives += flag ? 1 : 0;
        var negatives = isPositive.Length - positives;
        if (positives == 0 || negatives == 0)
            throw new ArgumentException(
                $"Roc: expected positives and negatives, got {positives} and {negatives}: "
                    + "the characteristic of one class alone does not exist.",
                nameof(isPositive));
        return (positives, negatives);
    }
}
