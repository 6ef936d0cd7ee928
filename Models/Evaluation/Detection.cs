using System;
using System.Collections.Generic;
using System.Linq;

namespace Hybrid.Models.Evaluation;

/// <summary>Called, missed and invented at one threshold.</summary>
/// <param name="TruePositives">Positives of at least the threshold.</param>
/// <param name="FalsePositives">Negatives of at least the threshold.</param>
/// <param name="TrueNegatives">Negatives below.</param>
/// <param name="FalseNegatives">Positives below.</param>
public sealed record Confusion(int TruePositives, int FalsePositives, int TrueNegatives, int FalseNegatives)
{
    /// <summary>The mean of the shares of positives and negatives that are called right.</summary>
    public double BalancedAccuracy
        => 0.5 * (((double)TruePositives / (TruePositives + FalseNegatives)) + ((double)TrueNegatives / (TrueNegatives + FalsePositives)));

    /// <summary>
    /// (1 + β²) P R/(β² P + R), P the share of called samples that are positive, R that of positives that are called; 0 without any called.
    /// </summary>
    /// <param name="betaSquared">β²; 0.001 in the second lens finding challenge, which charges false positives.</param>
    public double F(double betaSquared = 0.001)
    {
        if (TruePositives == 0) return 0;
        var precision = (double)TruePositives / (TruePositives + FalsePositives);
        var recall = (double)TruePositives / (TruePositives + FalseNegatives);
        return (1 + betaSquared) * precision * recall / ((betaSquared * precision) + recall);
    }
}

/// <summary>A share of a score's range: what it says and what is.</summary>
/// <param name="Probability">Mean probability of the samples in it.</param>
/// <param name="Observed">Share of positives among them.</param>
/// <param name="Count">Samples.</param>
public sealed record ReliabilityPoint(double Probability, double Observed, int Count);

/// <summary>Scores of rare things, higher for positives: beside the area under the characteristic what a survey goes by.</summary>
public static class Detection
{
    /// <summary>Counts at a threshold.</summary>
    /// <param name="scores">A score for each sample, not NaN.</param>
    /// <param name="isPositive">What each sample is; both kinds.</param>
    /// <param name="threshold">From which on a sample is called positive.</param>
    public static Confusion At(ReadOnlySpan<double> scores, ReadOnlySpan<bool> isPositive, double threshold)
    {
        Check(scores, isPositive);
        var (tp, fp, tn, fn) = (0, 0, 0, 0);
        for (var i = 0; i < scores.Length; i++)
        {
            var called = scores[i] >= threshold;
            if (isPositive[i]) _ = called ? tp++ : fn++;
            else _ = called ? fp++ : tn++;
        }
        return new Confusion(tp, fp, tn, fn);
    }

    /// <summary>
    /// Average precision Σ (R_k − R_{k−1}) P_k over the thresholds, where so many negatives come to a positive: negatives weigh as if there
    /// were as many.
    /// </summary>
    /// <param name="scores">A score for each sample, not NaN; equal ones are one threshold.</param>
    /// <param name="isPositive">What each sample is; both kinds.</param>
    /// <param name="negativesPerPositive">In the survey; null as in the samples.</param>
    public static double AveragePrecision(
        ReadOnlySpan<double> scores, ReadOnlySpan<bool> isPositive, double? negativesPerPositive = null)
    {
        if (negativesPerPositive is not (null or > 0))
            throw new ArgumentOutOfRangeException(
                nameof(negativesPerPositive),
                $"Detection.AveragePrecision: expected a ratio > 0, got {negativesPerPositive}.");
        var curve = Roc.Curve(scores, isPositive);
        var positives = 0;
        foreach (var flag in isPositive) positives += flag ? 1 : 0;
        var ratio = negativesPerPositive ?? (double)(isPositive.Length - positives) / positives;
        var sum = 0.0;
        for (var k = 1; k < curve.Count; k++)
        {
            var recall = curve[k].TruePositiveRate;
            var precision = recall / (recall + (ratio * curve[k].FalsePositiveRate));
            if (recall > 0) sum += (recall - curve[k - 1].TruePositiveRate) * precision;
        }
        return sum;
    }

    /// <summary>The largest share of positives that is called where at most so many negatives are.</summary>
    /// <param name="scores">A score for each sample, not NaN.</param>
    /// <param name="isPositive">What each sample is; both kinds.</param>
    /// <param name="falsePositiveRate">In [0, 1]. Below one over the number of negatives it is the share before the first false
    /// one.</param>
    public static double TruePositiveRateAt(ReadOnlySpan<double> scores, ReadOnlySpan<bool> isPositive, double falsePositiveRate)
    {
        if (falsePositiveRate is not (>= 0 and <= 1))
            throw new ArgumentOutOfRangeException(
                nameof(falsePositiveRate), $"Detection.TruePositiveRateAt: expected a rate in [0, 1], got {falsePositiveRate}.");
        var best = 0.0;
        foreach (var point in Roc.Curve(scores, isPositive))
        {
            if (point.FalsePositiveRate <= falsePositiveRate) best = Math.Max(best, point.TruePositiveRate);
        }
        return best;
    }

    /// <summary>
    /// What probabilities are worth: in ranges of equal width, their mean and the share of positives. Ranges without samples are left out.
    /// </summary>
    /// <param name="probabilities">In [0, 1].</param>
    /// <param name="isPositive">What each sample is.</param>
    /// <param name="ranges">How many, ≥ 1.</param>
    public static IReadOnlyList<ReliabilityPoint> Reliability(double[] probabilities, bool[] isPositive, int ranges = 10)
    {
        ArgumentNullException.ThrowIfNull(probabilities);
        ArgumentNullException.ThrowIfNull(isPositive);
        if (probabilities.Length != isPositive.Length)
            throw new ArgumentException(
                $"Detection.Reliability: expected a kind for each of {probabilities.Length} probabilities, got {isPositive.Length}.",
                nameof(isPositive));
        if (ranges < 1)
            throw new ArgumentOutOfRangeException(nameof(ranges), $"Detection.Reliability: expected at least one range, got {ranges}.");
        if (Array.FindIndex(probabilities, p => !(p is >= 0 and <= 1)) is >= 0 and var wrong)
            throw new ArgumentException(
                $"Detection.Reliability: expected probabilities in [0, 1], number {wrong} is {probabilities[wrong]}.",
                nameof(probabilities));
        return Enumerable.Range(0, probabilities.Length)
            .GroupBy(i => Math.Min(ranges - 1, (int)(probabilities[i] * ranges)))
            .OrderBy(range => range.Key)
            .Select(range => new ReliabilityPoint(
                range.Average(i => probabilities[i]), range.Average(i => isPositive[i] ? 1.0 : 0), range.Count()))
            .ToArray();
    }

    /// <summary>The expected calibration error: the mean |probability − share of positives| over the ranges, by their samples. Guo et al.
    /// 2017, eq. 3.</summary>
    /// <param name="points">Of <see cref="Reliability"/>.</param>
    public static double CalibrationError(IReadOnlyList<ReliabilityPoint> points)
    {
        ArgumentNullException.ThrowIfNull(points);
        var all = points.Sum(point => point.Count);
        return all == 0 ? double.NaN : points.Sum(point => point.Count * Math.Abs(point.Probability - point.Observed)) / all;
    }

    private static void Check(ReadOnlySpan<double> scores, ReadOnlySpan<bool> isPositive)
    {
        if (scores.Length != isPositive.Length)
            throw new ArgumentException(
                $"Detection: expected a kind for each of {scores.Length} scores, got {isPositive.Length}.", nameof(isPositive));
        if (!isPositive.Contains(true) || !isPositive.Contains(false))
            throw new ArgumentException("Detection: expected positives and negatives, got one kind alone.", nameof(isPositive));
    }
}
