using System;
using System.Collections.Generic;
using System.Linq;
using Hybrid.Models.Engine;
using TorchSharp;
using static TorchSharp.torch;

namespace Hybrid.Models.Systems.Imnn;

/// <summary>Simulations in memory, cut into chunks: what is saved is the memory of the network's activations.</summary>
public sealed class TensorSource : ISimulationSource
{
    private readonly Tensor _simulations, _derivatives;
    private readonly int _chunk;

    /// <param name="simulations">(n_s, …).</param>
    /// <param name="derivatives">Exact, (n_d, …, P) of the first n_d ≤ n_s simulations; with a width numerical, (n_d, 2, P, …).</param>
    /// <param name="chunk">Simulations of a chunk, ≥ 1; the last may have fewer.</param>
    /// <param name="width">δθ, (P), of numerical derivatives.</param>
    /// <exception cref="ArgumentException">Shapes do not fit; the message has both.</exception>
    public TensorSource(Tensor simulations, Tensor derivatives, int chunk, double[]? width = null)
    {
        ArgumentNullException.ThrowIfNull(simulations);
        ArgumentNullException.ThrowIfNull(derivatives);
        if (chunk < 1) throw new ArgumentOutOfRangeException(nameof(chunk), $"TensorSource: expected chunks of at least 1, got {chunk}.");
        if (simulations.dim() < 2)
            throw new ArgumentException(
                $"TensorSource: expected simulations (n, …), got {ShapeText.Of(simulations)}.", nameof(simulations));
        Shape = simulations.shape[1..];
        var inside = string.Join(", ", Shape);
        var fits = width is null
            ? derivatives.dim() == simulations.dim() + 1 && derivatives.size(0) <= simulations.size(0)
                && derivatives.shape.AsSpan(1, Shape.Length).SequenceEqual(Shape)
            : derivatives.dim() == simulations.dim() + 2 && derivatives.size(1) == 2 && derivatives.size(2) == width.Length
                && derivatives.shape.AsSpan(3).SequenceEqual(Shape);
        if (!fits || derivatives.size(0) < 1)
            throw new ArgumentException(
                width is null
                    ? $"TensorSource: expected derivatives (1 ≤ n_d ≤ {simulations.size(0)}, {inside}, P): simulation, datum, parameter, "
                        + $"got {ShapeText.Of(derivatives)}. Numerical ones need their width δθ."
                    : $"TensorSource: expected derivatives (n_d ≥ 1, 2, {width.Length}, {inside}): simulation, below or above, parameter, "
                        + $"datum, got {ShapeText.Of(derivatives)}.",
                nameof(derivatives));
        (_simulations, _derivatives, _chunk, Width) = (simulations, derivatives, chunk, width);
    }

    /// <inheritdoc/>
    public long[] Shape { get; }

    /// <inheritdoc/>
    public long Simulations => _simulations.size(0);

    /// <inheritdoc/>
    public long Derivatives => _derivatives.size(0);

    /// <inheritdoc/>
    public double[]? Width { get; }

    /// <inheritdoc/>
    public IEnumerable<SimulationChunk> Read(long iteration)
    {
        for (var first = 0L; first < Simulations; first += _chunk)
        {
            var simulations = _simulations.narrow(0, first, Math.Min(_chunk, Simulations - first));
            var left = Width is null ? Math.Min(_chunk, Derivatives - first) : 0;
            yield return new SimulationChunk(
                simulations, left > 0 ? _derivatives.narrow(0, first, left).moveaxis([-1L], [0L]).contiguous() : null);
        }
        if (Width is null) yield break;
        // A pair is 2 P simulations: as many in a chunk.
        var pairs = Math.Max(1, _chunk / (2 * Width.Length));
        for (var first = 0L; first < Derivatives; first += pairs)
            yield return new SimulationChunk(null, Pairs: _derivatives.narrow(0, first, Math.Min(pairs, Derivatives - first)));
    }
}
