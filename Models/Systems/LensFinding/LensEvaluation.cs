using System;
using System.Collections.Generic;
using System.Linq;
using Hybrid.Models.Evaluation;

namespace Hybrid.Models.Systems.LensFinding;

/// <summary>How good a lens finder is on images that nothing trained on or chose by.</summary>
/// <param name="Area">Under the characteristic, with its error by DeLong (of images, as if they were independent).</param>
/// <param name="BalancedAccuracy">At a probability of ½.</param>
/// <param name="AveragePrecision">At a hundred non-lenses a lens, as in a survey.</param>
/// <param name="TprAtNoFalse">Lenses found before the first false one.</param>
/// <param name="TprAtThousandth">Lenses found at a false-positive rate of 0.001; of few non-lenses the same as before the first.</param>
/// <param name="TprAtHundredth">Lenses found at 0.01.</param>
/// <param name="BestF">The largest F_β over thresholds, β² = 0.001.</param>
/// <param name="CalibrationError">Expected calibration error in tenths.</param>
/// <param name="Threshold">Counts at a probability of ½.</param>
public sealed record LensEvaluation(
    RocArea Area, double BalancedAccuracy, double AveragePrecision, double TprAtNoFalse, double TprAtThousandth, double TprAtHundredth,
    double BestF, double CalibrationError, Confusion Threshold)
{
    /// <summary>Non-lenses a lens in surveys, after the original's target.</summary>
    public const double SurveyRatio = 100;

    /// <summary>
    /// Lists of the best candidates of such a survey: half as many as it has lenses, as many, twice and ten times as many.
    /// </summary>
    public IReadOnlyList<YieldPoint> Yield { get; init; } = [];

    private static readonly double[] _lists = [0.5, 1, 2, 10];

    /// <summary>Judges scores.</summary>
    /// <param name="scores">Of unseen images of both kinds.</param>
    /// <exception cref="ArgumentException">There is one kind only.</exception>
    public static LensEvaluation Of(LensScores scores)
    {
        ArgumentNullException.ThrowIfNull(scores);
        var (score, isLens) = (scores.Score, scores.IsLens);
        if (!isLens.Contains(true) || !isLens.Contains(false))
            throw new ArgumentException(
                $"the test images: expected lenses and non-lenses, got {isLens.Count(x => x)} and {isLens.Count(x => !x)}.",
                nameof(scores));
        var called = Detection.At(score, isLens, 0);
        var (lenses, others) = (isLens.Count(x => x), isLens.Count(x => !x));
        var best = Roc.Curve(score, isLens).Max(point =>
            new Confusion(
                (int)Math.Round(point.TruePositiveRate * lenses), (int)Math.Round(point.FalsePositiveRate * others), 0,
                lenses - (int)Math.Round(point.TruePositiveRate * lenses)).F());
        return new LensEvaluation(
            Roc.Area(score, isLens), called.BalancedAccuracy, Detection.AveragePrecision(score, isLens, SurveyRatio),
            Detection.TruePositiveRateAt(score, isLens, 0), Detection.TruePositiveRateAt(score, isLens, 0.001),
            Detection.TruePositiveRateAt(score, isLens, 0.01), best,
            Detection.CalibrationError(Detection.Reliability(scores.Probability, isLens)), called)
        {
            Yield = SurveyYield.Of(score, isLens, SurveyRatio, _lists),
        };
    }
}
