using System;
using System.Linq;
using TorchSharp;
using static TorchSharp.torch;

namespace Hybrid.Models.Adaptation;

/// <summary>What holds a Wasserstein critic to slopes of 1 (Gulrajani et al. 2017, section 4).</summary>
public static class GradientPenalty
{
    /// <summary>Its weight beside the distance, as in the paper.</summary>
    public const double Weight = 10;

    /// <summary>Places on the lines between two sets, a pair of rows each, at random; as many as the smaller set has rows.</summary>
    /// <param name="one">(N, …).</param>
    /// <param name="other">(M, …).</param>
    public static Tensor Between(Tensor one, Tensor other)
    {
        ArgumentNullException.ThrowIfNull(one);
        ArgumentNullException.ThrowIfNull(other);
        var rows = Math.Min(one.size(0), other.size(0));
        var share = rand([rows, .. Enumerable.Repeat(1L, (int)one.dim() - 1)], device: one.device);
        return (share * one.narrow(0, 0, rows)) + ((1 - share) * other.narrow(0, 0, rows));
    }

    /// <summary>The mean of (‖∇ critic‖ − 1)² over places, through which the critic's weights get gradients.</summary>
    /// <param name="critic">Rows to a number each, smooth enough to be differentiated twice.</param>
    /// <param name="places">(N, …); no gradient goes beyond them.</param>
    public static Tensor Of(nn.Module<Tensor, Tensor> critic, Tensor places)
    {
        ArgumentNullException.ThrowIfNull(critic);
        ArgumentNullException.ThrowIfNull(places);
        var at = places.detach().requires_grad_();
        var slopes = autograd.grad([critic.forward(at).sum()], [at], create_graph: true, retain_graph: true)[0];
        long[] within = [.. Enumerable.Range(1, (int)at.dim() - 1).Select(axis => (long)axis)];
        return (slopes.square().sum(within).add(1e-12).sqrt() - 1).square().mean();
    }
}
