using System;

namespace Hybrid.Models.Systems.Imnn;

/// <summary>How an <see cref="AggregatedImnn"/> shares memory and time.</summary>
public sealed record AggregateOptions
{
    /// <summary>
    /// Chunks whose activations are kept from the first pass to the second, so that they are computed once: an iteration takes about 4/3 of
    /// the time in memory with none, as much as in memory with all. Each worker keeps as many.
    /// </summary>
    public int KeptChunks { get; init; } = 1;

    /// <summary>Threads that take chunks in turn, each a chunk at a time. Results depend on their number by rounding alone.</summary>
    public int Workers { get; init; } = 1;

    internal void Check()
    {
        if (KeptChunks < 0)
            throw new ArgumentOutOfRangeException(nameof(KeptChunks), $"AggregateOptions: expected KeptChunks ≥ 0, got {KeptChunks}.");
        if (Workers < 1) throw new ArgumentOutOfRangeException(nameof(Workers), $"AggregateOptions: expected Workers ≥ 1, got {Workers}.");
    }
}
