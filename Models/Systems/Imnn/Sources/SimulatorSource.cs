using System;
using System.Collections.Generic;
using Hybrid.Models.Training;
using static TorchSharp.torch;

namespace Hybrid.Models.Systems.Imnn;

/// <summary>
/// New simulations in every iteration, made chunk by chunk and made again for the second pass: a chunk depends on the seed, the iteration
/// and its own number alone, so none is kept, and a fit resumes anywhere.
/// </summary>
public sealed class SimulatorSource : ISimulationSource
{
    private readonly IDifferentiableSimulator _simulator;
    private readonly double[] _theta;
    private readonly int _chunk;
    private readonly ulong _seed;
    private readonly bool _isFixed;

    /// <param name="simulator">Makes simulations with derivatives.</param>
    /// <param name="theta">θ_fid, (P).</param>
    /// <param name="simulations">n_s ≥ 1.</param>
    /// <param name="chunk">Simulations of a chunk, ≥ 1; the last may have fewer.</param>
    /// <param name="seed">Of all simulations.</param>
    /// <param name="derivatives">n_d ≤ n_s: only the first have derivatives; null: all.</param>
    /// <param name="isFixed">The same simulations in each iteration: a validation set that takes no memory.</param>
    public SimulatorSource(
        IDifferentiableSimulator simulator, double[] theta, long simulations, int chunk, ulong seed, long? derivatives = null,
        bool isFixed = false)
    {
        ArgumentNullException.ThrowIfNull(simulator);
        ArgumentNullException.ThrowIfNull(theta);
        if (simulations < 1 || derivatives is < 1 || derivatives > simulations)
            throw new ArgumentException(
                $"SimulatorSource: expected simulations ≥ 1 and derivatives of 1 to {simulations} of them, "
                + $"got {simulations} and {derivatives ?? simulations}.");
        if (chunk < 1)
            throw new ArgumentOutOfRangeException(nameof(chunk), $"SimulatorSource: expected chunks of at least 1, got {chunk}.");
        (_simulator, _theta, _chunk, _seed, _isFixed) = (simulator, (double[])theta.Clone(), chunk, seed, isFixed);
        (Simulations, Derivatives) = (simulations, derivatives ?? simulations);
    }

    /// <inheritdoc/>
    public long[] Shape => _simulator.Shape;

    /// <inheritdoc/>
    public long Simulations { get; }

    /// <inheritdoc/>
    public long Derivatives { get; }

    /// <inheritdoc/>
    public double[]? Width => null;

    /// <inheritdoc/>
    public IEnumerable<SimulationChunk> Read(long iteration)
    {
        for (var first = 0L; first < Simulations; first += _chunk)
        {
            var count = (int)Math.Min(_chunk, Simulations - first);
            using var generator = new Generator(
                Seeds.Derive(_seed, FormattableString.Invariant($"iteration {(_isFixed ? 0 : iteration)}, chunk {first / _chunk}")));
            var (data, tangents) = _simulator.Simulate(generator, _theta, count);
            var left = Math.Min(count, Derivatives - first);
            yield return new SimulationChunk(data, left <= 0 ? null : left == count ? tangents : tangents.narrow(1, 0, left));
        }
    }
}
