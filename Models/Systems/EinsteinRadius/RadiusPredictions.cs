using System;
using System.Collections.Generic;
using System.Linq;
using Hybrid.Data.Cache;
using Hybrid.Models.Training;
using TorchSharp;
using static TorchSharp.torch;

namespace Hybrid.Models.Systems.EinsteinRadius;

/// <summary>Radii that were estimated beside those that are true, a value an image; radii in arcsec.</summary>
/// <param name="Truth">θ_E.</param>
/// <param name="Estimate">exp of the mean of ln θ_E.</param>
/// <param name="Deviation">Of ln θ_E: about the fractional error to expect.</param>
/// <param name="Galaxy">The real galaxy in the image; −1 where it is simulated.</param>
/// <param name="Source">The real source.</param>
/// <param name="ArcRatio">Flux of the arc over that of the galaxy in g within θ_E.</param>
/// <param name="SignalToNoise">Of the arc in g.</param>
public sealed record RadiusPredictions(
    double[] Truth, double[] Estimate, double[] Deviation, int[] Galaxy, int[] Source, double[] ArcRatio, double[] SignalToNoise)
{
    /// <summary>Images.</summary>
    public int Count => Truth.Length;

    /// <summary>(Estimate − truth)/truth.</summary>
    public double[] FractionalError => Truth.Zip(Estimate, (truth, estimate) => (estimate - truth) / truth).ToArray();

    /// <summary>The images at some places.</summary>
    public RadiusPredictions At(IReadOnlyList<int> places)
    {
        ArgumentNullException.ThrowIfNull(places);
        T[] Of<T>(T[] all) => places.Select(place => all[place]).ToArray();
        return new(Of(Truth), Of(Estimate), Of(Deviation), Of(Galaxy), Of(Source), Of(ArcRatio), Of(SignalToNoise));
    }

    /// <summary>Estimates the images of a cache.</summary>
    /// <param name="estimator">What answers.</param>
    /// <param name="cache">With the columns of RadiusDomains.</param>
    /// <param name="device">Where the estimator is.</param>
    /// <param name="darkBand">A band that is set to zero, as if the survey had not taken it; null: none.</param>
    public static RadiusPredictions Of(IRadiusEstimator estimator, Cache cache, Device device, int? darkBand = null)
    {
        ArgumentNullException.ThrowIfNull(estimator);
        ArgumentNullException.ThrowIfNull(cache);
        var (estimates, deviations) = Estimates(estimator, cache, device, darkBand);
        int[] Whole(string name) => cache.Integers(name).Select(value => (int)value).ToArray();
        return new RadiusPredictions(
            cache.Reals("theta_e"), estimates, deviations, Whole("galaxy"), Whole("source"), cache.Reals("arc_ratio"),
            cache.Reals("signal_to_noise"));
    }

    /// <summary>Estimates and deviations of a cache's images; its column <c>image</c> alone is read.</summary>
    internal static (double[] Estimates, double[] Deviations) Estimates(
        IRadiusEstimator estimator, Cache cache, Device device, int? darkBand)
    {
        var (estimates, deviations) = (new List<double>(cache.Count), new List<double>(cache.Count));
        // Bayesian draws of an image do not depend on what was drawn before.
        manual_seed(1);
        foreach (var batch in new CacheBatches(cache, new BatchOptions { BatchSize = 250, Shuffle = false }, "image").Epoch(0, 0))
        {
            using var scope = NewDisposeScope();
            var image = batch["image"].to(device);
            if (darkBand is { } band) image.select(1, band).zero_();
            var (mean, variance) = estimator.Estimate(image);
            estimates.AddRange(mean.exp().cpu().to(ScalarType.Float64).data<double>());
            deviations.AddRange(variance.sqrt().cpu().to(ScalarType.Float64).data<double>());
        }
        return ([.. estimates], [.. deviations]);
    }
}
