using System;
using Hybrid;

namespace Hybrid.Models.Losses;

/// <summary>−ln Σ π N(y | μ, σ²) of K Gaussians, the mean over the batch. Bishop 1994, eq. 29.</summary>
[Loss(Dims = "B:batch, K")]
[Derive(Variant.Ensemble, Variant.Tangent)]
public partial class MixtureDensity
{
    /// <param name="logits">The weights π before their softmax.</param>
    /// <param name="mean">μ, in units of the target.</param>
    /// <param name="deviation">σ &gt; 0.</param>
    /// <param name="target">y.</param>
    [Spec]
    internal static Sym Value(
        [Shape("B, K")] Sym logits, [Shape("B, K")] Sym mean, [Shape("B, K"), Positive] Sym deviation, [Shape("B")] Sym target)
    {
        var z = (target.Unsqueeze(1) - mean) / deviation;
        var density = -z.Square() / 2 - deviation.Log() - Math.Log(2 * Math.PI) / 2; // ln N of each
        return -(logits.LogSoftmax() + density).LogSumExp(1).Mean();
    }
}
