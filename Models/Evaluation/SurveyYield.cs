using System;
using System.Collections.Generic;
using System.Linq;

namespace Hybrid.Models.Evaluation;

/// <summary>A list of the best candidates of a survey.</summary>
/// <param name="Candidates">Its length, in positives of the survey: 1 is as many candidates as there are positives.</param>
/// <param name="Purity">Share of the candidates that are positive.</param>
/// <param name="Completeness">Share of the survey's positives that are in it.</param>
public sealed record YieldPoint(double Candidates, double Purity, double Completeness);

/// <summary>
/// What someone gets who looks at the best candidates of a survey in which positives are rare, by scores of a sample in which they are not.
/// </summary>
public static class SurveyYield
{
    /// <summary>
    /// Purity and completeness of lists of given lengths. Each negative of the sample stands for as many of the survey; where a list ends
    /// within equal scores, their share of both kinds is taken.
    /// </summary>
    /// <param name="scores">A score for each sample, not NaN.</param>
    /// <param name="isPositive">What each sample is; both kinds.</param>
    /// <param name="negativesPerPositive">In the survey, > 0.</param>
    /// <param name="candidates">Lengths of the lists, in positives of the survey, each > 0; at most all of the survey is taken.</param>
    public static IReadOnlyList<YieldPoint> Of(
        ReadOnlySpan<double> scores, ReadOnlySpan<bool> isPositive, double negativesPerPositive, params double[] candidates)
    {
        ArgumentNullException.ThrowIfNull(candidates);
        if (!(negativesPerPositive > 0))
            throw new ArgumentOutOfRangeException(
                nameof(negativesPerPositive), $"SurveyYield: expected a ratio > 0, got {negativesPerPositive}.");
        if (Array.FindIndex(candidates, length => !(length > 0)) is >= 0 and var wrong)
            throw new ArgumentOutOfRangeException(
                nameof(candidates), $"SurveyYield: expected lengths > 0, number {wrong} is {candidates[wrong]}.");
        var curve = Roc.Curve(scores, isPositive);
        return candidates.Select(wanted =>
        {
            var length = Math.Min(wanted, 1 + negativesPerPositive);
            for (var k = 1; k < curve.Count; k++)
            {
                var (before, next) = (Length(curve[k - 1]), Length(curve[k]));
                if (next < length && k < curve.Count - 1) continue;
                var share = Math.Clamp((length - before) / (next - before), 0, 1);
                var found = curve[k - 1].TruePositiveRate + (share * (curve[k].TruePositiveRate - curve[k - 1].TruePositiveRate));
                return new YieldPoint(length, found / length, found);
            }
            throw new InvalidOperationException("SurveyYield: a characteristic without an end.");
        }).ToArray();

        double Length(RocPoint point) => point.TruePositiveRate + (negativesPerPositive * point.FalsePositiveRate);
    }
}
