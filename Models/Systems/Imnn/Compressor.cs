using System;
using Hybrid.Models.Engine;
using TorchSharp;
using static TorchSharp.torch;

namespace Hybrid.Models.Systems.Imnn;

/// <summary>
/// A forward-mode program of a network: the value and the derivative along given input tangents. The Tangent variant of
/// a spec generates it.
/// </summary>
/// <param name="data">Simulations, shape (N, …).</param>
/// <param name="tangents">∂data/∂θ, shape (P, N, …): one tangent for each parameter.</param>
/// <returns>Summaries (N, S) and ∂summaries/∂θ (P, N, S).</returns>
public delegate (Tensor Summaries, Tensor Tangents) TangentProgram(Tensor data, Tensor tangents);

/// <summary>
/// What compresses data to summaries: any network (N, …) → (N, S), and its tangent program where derivatives go through it.
/// </summary>
/// <param name="Network">The trained module; this object does not own it.</param>
/// <param name="Tangent">Its forward-mode program; null where no form of training needs one (numerical derivatives).</param>
public sealed record Compressor(nn.Module<Tensor, Tensor> Network, TangentProgram? Tangent = null)
{
    internal TangentProgram RequireTangent(string user)
        => Tangent ?? throw new ArgumentException(
            $"{user}: derivatives go through the network, so it needs its tangent program. "
            + $"Derive it with [Derive(Variant.Tangent)] on {ModuleName.Of(Network)} "
            + "and hand over its Forward, or use NumericalGradientImnn.", nameof(Tangent));
}
