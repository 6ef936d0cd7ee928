using System;
using System.Collections.Generic;
using System.Linq;
using Hybrid.Data.Cache;
using Hybrid.Models.Engine;
using Hybrid.Models.Training;
using TorchSharp;
using static TorchSharp.torch;

namespace Hybrid.Models.Systems.Imnn;

/// <summary>
/// Simulations in Parquet caches, read batch by batch with the next ones on the way: main, with the columns <c>simulation</c> and
/// <c>derivative</c> (…, P), and remaining, with <c>simulation</c>. Each chunk is a batch.
/// </summary>
public sealed class CacheSource : ISimulationSource
{
    private const string Simulation = "simulation", Derivative = "derivative";
    private readonly CacheBatches _main;
    private readonly CacheBatches? _remaining;

    /// <param name="main">Simulations with derivatives; stays open as long as this is used.</param>
    /// <param name="remaining">Simulations without; null: none.</param>
    /// <param name="chunk">Simulations of a chunk, ≥ 1; the last may have fewer.</param>
    /// <param name="prefetch">Batches read ahead.</param>
    /// <exception cref="ArgumentException">A column is missing, or its shape does not fit.</exception>
    public CacheSource(Cache main, Cache? remaining, int chunk, int prefetch = 2)
    {
        ArgumentNullException.ThrowIfNull(main);
        var options = new BatchOptions { BatchSize = chunk, Shuffle = false, Prefetch = prefetch };
        _main = new CacheBatches(main, options, Simulation, Derivative);
        _remaining = remaining is null ? null : new CacheBatches(remaining, options, Simulation);
        Shape = ShapeOf(main, Simulation);
        var derivatives = ShapeOf(main, Derivative);
        if (derivatives.Length != Shape.Length + 1 || !derivatives.AsSpan(0, Shape.Length).SequenceEqual(Shape))
            throw new ArgumentException(
                $"CacheSource: expected derivatives ({string.Join(", ", Shape)}, P) of simulations {ShapeText.Of(Shape)}, "
                + $"got {ShapeText.Of(derivatives)}.", nameof(main));
        if (remaining is not null && !ShapeOf(remaining, Simulation).AsSpan().SequenceEqual(Shape))
            throw new ArgumentException(
                $"CacheSource: expected remaining simulations {ShapeText.Of(Shape)} as in main, "
                + $"got {ShapeText.Of(ShapeOf(remaining, Simulation))}.", nameof(remaining));
        Parameters = (int)derivatives[^1];
        (Derivatives, Simulations) = (main.Count, main.Count + (remaining?.Count ?? 0));
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
    public IEnumerable<SimulationChunk> Read(long iteration)
    {
        foreach (var batch in _main.Epoch(0))
            yield return new SimulationChunk(batch[Simulation], batch[Derivative].moveaxis([-1L], [0L]).contiguous());
        if (_remaining is null) yield break;
        foreach (var batch in _remaining.Epoch(0)) yield return new SimulationChunk(batch[Simulation]);
    }

    private static long[] ShapeOf(Cache cache, string column)
        => cache.Columns.First(one => string.Equals(one.Name, column, StringComparison.OrdinalIgnoreCase)).Shape
            .Select(size => (long)size).ToArray();
}
