using System;
using System.Linq;

namespace Hybrid.Models.Inference;

/// <summary>How long to simulate, and what is close enough.</summary>
public sealed record AbcOptions
{
    /// <summary>ε: a draw is accepted if its distance is below. Several give several posteriors of the same simulations.</summary>
    public required double[] Tolerances { get; init; }

    /// <summary>Simulate until the smallest ε has accepted as many; null: one batch.</summary>
    public int? MinAccepted { get; init; }

    /// <summary>Batches at most, as in the original package (IMNN 0.3.2).</summary>
    public int MaxIterations { get; init; } = 10;

    /// <summary>Simulations of the first batch.</summary>
    public int BatchSize { get; init; } = 1000;

    /// <summary>
    /// Where fewer than <see cref="MinAccepted"/> are accepted, the next batch is as large as the acceptance so far says is needed, at
    /// most this many times the last one, and at most <see cref="LargestBatch"/>.
    /// </summary>
    public double Growth { get; init; } = 10;

    /// <summary>Bounds the memory.</summary>
    public int LargestBatch { get; init; } = 100_000;

    /// <summary>Of all draws and simulations.</summary>
    public ulong Seed { get; init; } = 1;

    internal void Check()
    {
        if (Tolerances is not { Length: > 0 } || !Tolerances.All(one => one > 0 && double.IsFinite(one)))
            throw new ArgumentException(
                $"AbcOptions: expected at least one tolerance ε > 0, got [{string.Join(", ", Tolerances ?? [])}].");
        Least(nameof(MinAccepted), MinAccepted ?? 1);
        Least(nameof(MaxIterations), MaxIterations);
        Least(nameof(BatchSize), BatchSize);
        Least(nameof(LargestBatch), LargestBatch);
        if (!(Growth >= 1) || !double.IsFinite(Growth))
            throw new ArgumentOutOfRangeException(nameof(Growth), $"AbcOptions: expected a growth of at least 1, got {Growth}.");
    }

    private static void Least(string name, int value)
    {
        if (value < 1) throw new ArgumentOutOfRangeException(name, $"AbcOptions: expected {name} ≥ 1, got {value}.");
    }
}
