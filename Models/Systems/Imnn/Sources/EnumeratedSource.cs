using System;
using System.Collections.Generic;
using System.Linq;
using Hybrid.Models.Engine;
using TorchSharp;
using static TorchSharp.torch;

namespace Hybrid.Models.Systems.Imnn;

/// <summary>
/// Simulations from anything that can be enumerated, such as files that are read as they are needed: main, simulations with exact
/// derivatives, and remaining, simulations alone, of which there may be none. What the original package calls a data set.
/// </summary>
public sealed class EnumeratedSource : ISimulationSource
{
    private readonly Func<IEnumerable<(Tensor Simulations, Tensor Derivatives)>> _main;
    private readonly Func<IEnumerable<Tensor>>? _remaining;

    /// <param name="shape">Of one simulation.</param>
    /// <param name="parameters">P.</param>
    /// <param name="main">Chunks: simulations (n, …) and their derivatives (n, …, P); the same each time it is called.</param>
    /// <param name="derivatives">n_d: simulations of main together.</param>
    /// <param name="remaining">Chunks of simulations without derivatives, (n, …); null: none.</param>
    /// <param name="remainingSimulations">How many, together.</param>
    public EnumeratedSource(
        long[] shape, int parameters, Func<IEnumerable<(Tensor Simulations, Tensor Derivatives)>> main, long derivatives,
        Func<IEnumerable<Tensor>>? remaining = null, long remainingSimulations = 0)
    {
        ArgumentNullException.ThrowIfNull(shape);
        ArgumentNullException.ThrowIfNull(main);
        if (parameters < 1)
            throw new ArgumentOutOfRangeException(
                nameof(parameters), $"EnumeratedSource: expected at least 1 parameter, got {parameters}.");
        if (derivatives < 1)
            throw new ArgumentOutOfRangeException(
                nameof(derivatives), $"EnumeratedSource: expected at least 1 simulation with derivatives, got {derivatives}.");
        if (remaining is null != (remainingSimulations == 0))
            throw new ArgumentException(
                "EnumeratedSource: expected remaining simulations with their number, or neither, got "
                + $"{(remaining is null ? "none" : "some")} and {remainingSimulations}.", nameof(remainingSimulations));
        (Shape, Parameters, _main, _remaining) = (shape, parameters, main, remaining);
        (Derivatives, Simulations) = (derivatives, derivatives + remainingSimulations);
    }

    /// <inheritdoc/>
    public long[] Shape { get; }

    /// <summary>P.</summary>
    public int Parameters { get; }

    /// <inheritdoc/>
    public long Simulations { get; }

    /// <inheritdoc/>
    public long Derivatives { get; }

    /// <inheritdoc/>
    public double[]? Width => null;

    /// <inheritdoc/>
    /// <exception cref="System.IO.InvalidDataException">A chunk's shape, or the number of simulations, is not what was said.</exception>
    public IEnumerable<SimulationChunk> Read(long iteration)
    {
        var seen = 0L;
        foreach (var (simulations, derivatives) in _main())
        {
            Check("main", simulations);
            if (!derivatives.shape.AsSpan().SequenceEqual([simulations.size(0), .. Shape, Parameters]))
                throw new System.IO.InvalidDataException(
                    $"main, simulation {seen}: expected derivatives {ShapeText.Of([simulations.size(0), .. Shape, Parameters])} of "
                    + $"simulations {ShapeText.Of(simulations)}, got {ShapeText.Of(derivatives)}.");
            seen += simulations.size(0);
            yield return new SimulationChunk(simulations, derivatives.moveaxis([-1L], [0L]).contiguous());
        }
        if (seen != Derivatives)
            throw new System.IO.InvalidDataException(
                $"main: expected {Plural.Of(Derivatives, "simulation")} with derivatives, got {seen}.");
        if (_remaining is null) yield break;
        foreach (var simulations in _remaining())
        {
            Check("remaining", simulations);
            seen += simulations.size(0);
            yield return new SimulationChunk(simulations);
        }
        if (seen != Simulations)
            throw new System.IO.InvalidDataException(
                $"remaining: expected {Plural.Of(Simulations - Derivatives, "simulation")}, got {seen - Derivatives}.");

        void Check(string set, Tensor simulations)
        {
            if (simulations.dim() != Shape.Length + 1 || !simulations.shape.AsSpan(1).SequenceEqual(Shape))
                throw new System.IO.InvalidDataException(
                    $"{set}, simulation {seen}: expected (n, {string.Join(", ", Shape)}), got {ShapeText.Of(simulations)}.");
        }
    }
}
