using System;
using Hybrid.Data.Systems.Imnn;
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
