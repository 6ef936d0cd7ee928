using System;
using Hybrid.Data.Systems.Imnn;
using Hybrid.Models.Engine;
using TorchSharp;
using static TorchSharp.torch;

namespace Hybrid.Models.Systems.Imnn;

/// <summary>
/// The worked problem: n draws of N(μ, Σ) with θ = (μ, Σ) unknown. Its Fisher information is known: F = diag(n/Σ, n/(2Σ²)),
/// so |F| = n²/(2Σ³) = 50 for 10 draws at θ = (0, 1). Charnock et al. 2018, section IV A.
/// </summary>
/// <param name="draws">n ≥ 1 data in one simulation.</param>
/// <param name="dtype">float32 unless given.</param>
/// <param name="device">CPU unless given.</param>
public sealed class GaussianSimulator(
    int draws = 10, ScalarType dtype = ScalarType.Float32, Device? device = null) : IDifferentiableSimulator
{
    /// <summary>θ = (μ, Σ) of the worked problem, at which |F| = 50.</summary>
    public static double[] WorkedTheta => [GaussianProblem.WorkedMean, GaussianProblem.WorkedVariance];

    public long[] Shape { get; } = draws >= 1
        ? [draws]
        : throw new ArgumentOutOfRangeException(nameof(draws), $"GaussianSimulator: expected at least one draw, got {draws}.");

    /// <summary>|F| of the data themselves at θ = (μ, Σ).</summary>
    public double Determinant(double variance) => new GaussianProblem(draws).Determinant(variance);

    /// <summary>
    /// The best that can be done: Σx and Σx², which are sufficient for mean and variance, as a compressor's tangent program. Simulations
    /// (N, n) → (N, 2), tangents (P, N, n) → (P, N, 2). |F| of these summaries on given simulations is what a network on the same ones is
    /// compared with.
    /// </summary>
    public static (Tensor Summaries, Tensor Tangents) Optimum(Tensor data, Tensor tangents)
    {
        using var scope = NewDisposeScope();
        var summaries = stack([data.sum([1L]), data.square().sum([1L])], 1);
        var derivatives = stack([tangents.sum([2L]), (data.unsqueeze(0) * tangents).sum([2L]) * 2], 2);
        return (summaries.MoveToOuterDisposeScope(), derivatives.MoveToOuterDisposeScope());
    }

    /// <summary>Simulations at parameters of their own, for inference.</summary>
    /// <param name="generator">Source of all randomness.</param>
    /// <param name="parameters">θ = (μ, Σ &gt; 0), (n, 2).</param>
    /// <returns>(n, draws): row i is simulated at row i.</returns>
    public Tensor SimulateAt(Generator generator, Tensor parameters)
    {
        using var scope = NewDisposeScope();
        if (parameters.dim() != 2 || parameters.size(1) != 2 || !(parameters.select(1, 1) > 0).all().ToBoolean())
            throw new ArgumentException(
                $"GaussianSimulator.SimulateAt: expected parameters (n, 2), mean and variance > 0, got {ShapeText.Of(parameters)} with a "
                + "variance that may be 0 or less. Let the prior of the variance begin above 0.", nameof(parameters));
        var noise = randn([parameters.size(0), draws], dtype, generator.device, generator: generator).to(device ?? CPU);
        var theta = parameters.to(dtype).to(device ?? CPU);
        return (theta.narrow(1, 0, 1) + (theta.narrow(1, 1, 1).sqrt() * noise)).MoveToOuterDisposeScope();
    }

    /// <inheritdoc/>
    public (Tensor Data, Tensor Derivative) Simulate(Generator generator, double[] theta, int count)
    {
        if (theta.Length != 2 || !double.IsFinite(theta[0]) || !(theta[1] > 0) || !double.IsFinite(theta[1]))
            throw new ArgumentException(
                $"GaussianSimulator: expected θ = (mean, variance > 0), got [{string.Join(", ", theta)}].", nameof(theta));
        var (mean, deviation) = (theta[0], Math.Sqrt(theta[1]));
        // Drawn where the generator is, so that the numbers are the same on every device.
        var noise = randn([count, draws], dtype, generator.device, generator: generator).to(device ?? CPU); // (n, draws)
        var derivative = empty([2, count, draws], dtype, device);
        derivative[0].fill_(1);                                                          // ∂x/∂μ
        derivative[1].copy_(noise).mul_(0.5 / deviation);                                // ∂x/∂Σ = z/(2√Σ)
        return (noise.mul_(deviation).add_(mean), derivative);
    }
}
