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
/// <param name="Last">Its last, linear layer, where <see cref="LinearReadout"/> shall compute it; null where there is none.</param>
public sealed record Compressor(nn.Module<Tensor, Tensor> Network, TangentProgram? Tangent = null, LastLayer? Last = null)
{
    /// <summary>The network of the original package with its tangent program and last layer.</summary>
    public static Compressor Of(DenseCompressor network)
    {
        var weights = DenseCompressor.Weights.Of(network);
        var (identity, zero) = LastLayer.Through(weights.SummaryWeight);
        var trunk = weights with { Summaries = (int)identity.size(0), SummaryWeight = identity, SummaryBias = zero };
        return new Compressor(
            network, (x, dx) => DenseCompressor.ForwardTangent(weights, x, dx),
            new LastLayer((x, dx) => DenseCompressor.ForwardTangent(trunk, x, dx), weights.SummaryWeight, weights.SummaryBias));
    }

    /// <summary>The dense network with softplus, with its tangent program and last layer.</summary>
    public static Compressor Of(SmoothCompressor network)
    {
        var weights = SmoothCompressor.Weights.Of(network);
        var (identity, zero) = LastLayer.Through(weights.SummaryWeight);
        var trunk = weights with { Summaries = (int)identity.size(0), SummaryWeight = identity, SummaryBias = zero };
        return new Compressor(
            network, (x, dx) => SmoothCompressor.ForwardTangent(weights, x, dx),
            new LastLayer((x, dx) => SmoothCompressor.ForwardTangent(trunk, x, dx), weights.SummaryWeight, weights.SummaryBias));
    }

    /// <summary>The network of sets with its tangent program and last layer.</summary>
    public static Compressor Of(ExchangeableCompressor network)
    {
        var weights = ExchangeableCompressor.Weights.Of(network);
        var (identity, zero) = LastLayer.Through(weights.SummaryWeight);
        var trunk = weights with { Summaries = (int)identity.size(0), SummaryWeight = identity, SummaryBias = zero };
        return new Compressor(
            network, (x, dx) => ExchangeableCompressor.ForwardTangent(weights, x, dx),
            new LastLayer((x, dx) => ExchangeableCompressor.ForwardTangent(trunk, x, dx), weights.SummaryWeight, weights.SummaryBias));
    }

    /// <summary>Computes the last layer in closed form from new simulations and writes it into the network.</summary>
    /// <inheritdoc cref="LinearReadout.Of"/>
    public LinearReadout Read(IDifferentiableSimulator simulator, double[] theta, int simulations, ulong seed)
    {
        var last = Last ?? throw new InvalidOperationException(
            $"Compressor.Read: expected the last layer of {ModuleName.Of(Network)}, got none. Give Compressor its LastLayer.");
        var readout = LinearReadout.Of(last.Features, simulator, theta, simulations, seed);
        readout.CopyTo(last.Weight, last.Bias);
        return readout;
    }

    internal TangentProgram RequireTangent(string user)
        => Tangent ?? throw new ArgumentException(
            $"{user}: derivatives go through the network, so it needs its tangent program. "
            + $"Derive it with [Derive(Variant.Tangent)] on {ModuleName.Of(Network)} "
            + "and hand over its Forward, or use NumericalGradientImnn.", nameof(Tangent));
}
