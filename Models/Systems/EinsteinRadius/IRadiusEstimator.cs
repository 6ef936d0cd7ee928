using System;
using System.Linq;
using Hybrid.Models.Adaptation;
using Hybrid.Models.Training;
using TorchSharp;
using static TorchSharp.torch;

namespace Hybrid.Models.Systems.EinsteinRadius;

/// <summary>What answers with radii.</summary>
public interface IRadiusEstimator : IDisposable
{
    /// <summary>Mean and variance of ln(θ_E/1″) of images: (B) each. Without gradients, in evaluation mode.</summary>
    /// <param name="image">(B, 3, H, H), preprocessed.</param>
    (Tensor Mean, Tensor Variance) Estimate(Tensor image);

    /// <summary>Everything with weights, for saving; null where there is nothing.</summary>
    nn.Module? Module { get; }
}

/// <summary>The same radius for every image.</summary>
/// <param name="radius">Arcsec.</param>
/// <param name="deviation">Of ln θ_E.</param>
public sealed class ConstantRadius(double radius, double deviation) : IRadiusEstimator
{
    /// <inheritdoc/>
    public nn.Module? Module => null;

    /// <inheritdoc/>
    public (Tensor Mean, Tensor Variance) Estimate(Tensor image)
    {
        ArgumentNullException.ThrowIfNull(image);
        return (full(image.size(0), Math.Log(radius)), full(image.size(0), deviation * deviation));
    }

    public void Dispose()
    {
    }
}

/// <summary>An encoder and head, averaged over the eight rotations and reflections of each image.</summary>
/// <param name="network">Its own from now on.</param>
/// <param name="map">What is done to features before the head; null: nothing.</param>
public sealed class NetworkRadius(EncoderWithHead network, IFeatureMap? map = null) : IRadiusEstimator
{
    private nn.Module? _module;

    /// <summary>Encoder and head.</summary>
    public EncoderWithHead Network => network;

    /// <inheritdoc/>
    public nn.Module? Module
        => _module ??= map is null ? network.Module : new ModuleGroup(("network", network.Module), ("map", map.Module));

    /// <inheritdoc/>
    public (Tensor Mean, Tensor Variance) Estimate(Tensor image)
    {
        using var _ = no_grad();
        using var scope = NewDisposeScope();
        network.Module.eval();
        var mean = ImageAugmentation.OverTurns(image, turned =>
        {
            var features = network.Encoder.forward(turned);
            return network.Head.forward(map is null ? features : map.Map(features));
        });
        return (mean.select(1, 0).MoveToOuterDisposeScope(), mean.select(1, 1).MoveToOuterDisposeScope());
    }

    public void Dispose()
    {
        network.Dispose();
        map?.Dispose();
    }
}

/// <summary>Another estimator with its deviations brought to what they shall mean.</summary>
/// <param name="inner">Its own from now on.</param>
/// <param name="scale">What is done to deviations.</param>
public sealed class ScaledRadius(IRadiusEstimator inner, DeviationScale scale) : IRadiusEstimator
{
    /// <summary>What answers.</summary>
    public IRadiusEstimator Inner => inner;

    /// <inheritdoc/>
    public nn.Module? Module => inner.Module;

    /// <inheritdoc/>
    public (Tensor Mean, Tensor Variance) Estimate(Tensor image)
    {
        using var _ = no_grad();
        var (mean, variance) = inner.Estimate(image);
        using (variance) return (mean, variance.pow(scale.Power) * (scale.Factor * scale.Factor));
    }

    public void Dispose() => inner.Dispose();
}

/// <summary>
/// Draws of a Bayesian network: the mean of their means; the variance is the mean of their variances and the variance of their means, by
/// the law of total variance.
/// </summary>
/// <param name="network">Its own from now on.</param>
/// <param name="draws">≥ 2; each turns the image otherwise.</param>
public sealed class BayesianEstimator(BayesianRadius network, int draws) : IRadiusEstimator
{
    private const long RowsOfAPass = 512;
    private const int MostOfAPass = 5;

    /// <inheritdoc/>
    public nn.Module? Module => network.Module;

    /// <inheritdoc/>
    public (Tensor Mean, Tensor Variance) Estimate(Tensor image)
    {
        var (means, variances) = Draws(image);
        using (means)
        using (variances)
        {
            using var scope = NewDisposeScope();
            var mean = means.mean([0L]);
            return (mean.MoveToOuterDisposeScope(), (variances.mean([0L]) + means.var(0, unbiased: true)).MoveToOuterDisposeScope());
        }
    }

    /// <summary>Means and variances of each draw: (draws, B); the caller's.</summary>
    public (Tensor Means, Tensor Variances) Draws(Tensor image)
    {
        using var _ = no_grad();
        using var scope = NewDisposeScope();
        network.Module.eval();
        // Flipout's signs make the examples of one pass uncorrelated, so that few images are drawn several times in a pass. They share how
        // far each weight is off, though: as many passes must draw that as say its variance.
        var together = (int)Math.Clamp(RowsOfAPass / image.size(0), 1, MostOfAPass);
        var passes = Enumerable.Range(0, draws).Chunk(together).Select(
            some =>
            {
                var turned = some.Select(draw => ImageAugmentation.Turned(image, draw % ImageAugmentation.Turns));
                return network.Module.forward(cat([.. turned])).reshape(some.Length, image.size(0), 2);
            }).ToArray();
        var all = cat(passes); // (draws, B, 2)
        return (all.select(2, 0).clone().MoveToOuterDisposeScope(), all.select(2, 1).clone().MoveToOuterDisposeScope());
    }

    public void Dispose() => network.Module.Dispose();
}
