using System.Collections.Generic;
using static TorchSharp.torch;

namespace Hybrid.Models.Systems.Imnn;

/// <summary>
/// Some simulations of a set that need not fit into memory. Exact derivatives come with their simulations; pairs for numerical ones are
/// simulations of their own.
/// </summary>
/// <param name="Simulations">At the fiducial parameters, (n, …); null where the chunk has none.</param>
/// <param name="Tangents">∂d/∂θ of the first of them, (P, m, …) with m ≤ n; null where the chunk has none.</param>
/// <param name="Pairs">(m, 2, P, …): simulation, below or above, parameter, datum; null where the chunk has none.</param>
public sealed record SimulationChunk(Tensor? Simulations, Tensor? Tangents = null, Tensor? Pairs = null)
{
    /// <summary>Simulations at the fiducial parameters in it.</summary>
    public long Count => Simulations?.size(0) ?? 0;

    /// <summary>Simulations with derivatives, or pairs.</summary>
    public long Derivatives => Tangents?.size(1) ?? Pairs?.size(0) ?? 0;
}

/// <summary>Where an <see cref="AggregatedImnn"/> reads its simulations, chunk by chunk.</summary>
public interface ISimulationSource
{
    /// <summary>Shape of one simulation.</summary>
    long[] Shape { get; }

    /// <summary>n_s: simulations at the fiducial parameters of all chunks.</summary>
    long Simulations { get; }

    /// <summary>n_d: those with derivatives, or pairs.</summary>
    long Derivatives { get; }

    /// <summary>δθ, (P), where derivatives are numerical: the full distance between below and above. Null where they are exact.</summary>
    double[]? Width { get; }

    /// <summary>
    /// The chunks of an iteration, each made when it is asked for in the dispose scope of that moment. They are read twice in an iteration,
    /// and must be the same both times.
    /// </summary>
    /// <param name="iteration">From 0; sets in memory or on disk are the same in each.</param>
    IEnumerable<SimulationChunk> Read(long iteration);
}
