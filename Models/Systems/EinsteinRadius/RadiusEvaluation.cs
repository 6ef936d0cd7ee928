using System;
using System.Linq;
using Hybrid.Models.Evaluation;

namespace Hybrid.Models.Systems.EinsteinRadius;

/// <summary>
/// How good radii are, on images that nothing trained on or chose by. Intervals of the means draw whole galaxies again.
/// </summary>
/// <param name="Count">Images.</param>
/// <param name="Galaxies">Real galaxies in them.</param>
/// <param name="Mse">Mean squared error, arcsec².</param>
/// <param name="MeanError">Mean |fractional error|.</param>
/// <param name="MedianError">Median |fractional error|.</param>
/// <param name="WithinTenth">Share of estimates within 10 %.</param>
/// <param name="Bias">Mean fractional error.</param>
/// <param name="Coverage">Share of truths in their 95 % interval, exp(ln estimate ± 1.96 deviations).</param>
/// <param name="Width">Mean length of those intervals as a share of the estimate.</param>
/// <param name="PullDeviation">Deviation of (ln truth − ln estimate)/deviation: 1 where deviations are right.</param>
public sealed record RadiusEvaluation(
    int Count, int Galaxies, double Mse, Bootstrapped MeanError, double MedianError, double WithinTenth, double Bias, double Coverage,
    double Width, double PullDeviation)
{
    private const double Sigmas = 1.96;

    /// <summary>Judges estimates.</summary>
    /// <param name="predictions">At least one.</param>
    /// <param name="resamples">Of the bootstrap.</param>
    /// <exception cref="ArgumentException">There is no image.</exception>
    public static RadiusEvaluation Of(RadiusPredictions predictions, int resamples = 1000)
    {
        ArgumentNullException.ThrowIfNull(predictions);
        if (predictions.Count == 0)
            throw new ArgumentException("RadiusEvaluation: expected at least one image, got none.", nameof(predictions));
        var error = predictions.FractionalError;
        var absolute = error.Select(Math.Abs).ToArray();
        var pulls = Enumerable.Range(0, predictions.Count)
            .Select(i => Math.Log(predictions.Truth[i] / predictions.Estimate[i]) / predictions.Deviation[i]).ToArray();
        var groups = predictions.Galaxy.Distinct().Count();
        double Mean(int[] places) => places.Average(place => absolute[place]);
        var mean = groups > 1 ? GroupedBootstrap.Of(predictions.Galaxy, Mean, resamples) : Bootstrap.Of(predictions.Count, Mean, resamples);
        var ofPulls = pulls.Average();
        return new RadiusEvaluation(
            predictions.Count, groups,
            predictions.Truth.Zip(predictions.Estimate, (truth, estimate) => (estimate - truth) * (estimate - truth)).Average(), mean,
            Median(absolute), absolute.Average(e => e <= 0.1 ? 1.0 : 0), error.Average(),
            pulls.Average(pull => Math.Abs(pull) <= Sigmas ? 1.0 : 0),
            predictions.Deviation.Average(d => Math.Exp(Sigmas * d) - Math.Exp(-Sigmas * d)),
            Math.Sqrt(pulls.Average(pull => (pull - ofPulls) * (pull - ofPulls))));
    }

    private static double Median(double[] values) => Hybrid.Data.Statistics.Percentile.Median(values);
}

/// <summary>Which images are judged together.</summary>
/// <param name="Name">As reports call it.</param>
/// <param name="Includes">Whether an image belongs to it: its radius (arcsec) and arc ratio.</param>
public sealed record RadiusSubset(string Name, Func<double, double, bool> Includes)
{
    /// <summary>Every image.</summary>
    public static RadiusSubset All { get; } = new("all", (_, _) => true);

    /// <summary>Arcs at least five times as bright in g as the galaxy inside the ring.</summary>
    public static RadiusSubset Bright { get; } = new("bright", (_, ratio) => ratio >= 5);

    /// <summary>Radii above 0.8″ with arcs brighter than the galaxy inside the ring.</summary>
    public static RadiusSubset Seen { get; } = new("seen", (radius, ratio) => radius > 0.8 && ratio > 1);

    /// <summary>All three.</summary>
    public static RadiusSubset[] Every => [All, Bright, Seen];

    /// <summary>The images that belong to it.</summary>
    public RadiusPredictions Of(RadiusPredictions predictions)
    {
        ArgumentNullException.ThrowIfNull(predictions);
        return predictions.At(
            Enumerable.Range(0, predictions.Count).Where(i => Includes(predictions.Truth[i], predictions.ArcRatio[i])).ToArray());
    }
}
