using TorchSharp;
using static TorchSharp.torch;

namespace Hybrid.Models.Systems.Imnn;

/// <summary>Makes simulations together with their derivatives by the parameters.</summary>
public interface IDifferentiableSimulator
{
    /// <summary>Shape of one simulation.</summary>
    long[] Shape { get; }

    /// <summary>Simulates.</summary>
    /// <param name="generator">Source of all randomness: the same state gives the same simulations.</param>
    /// <param name="theta">Parameters, (P).</param>
    /// <param name="count">Simulations to make, n ≥ 1.</param>
    /// <returns>Data (n, …) and ∂data/∂θ (P, n, …), with the random numbers held.</returns>
    (Tensor Data, Tensor Derivative) Simulate(Generator generator, double[] theta, int count);
}
