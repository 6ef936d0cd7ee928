using System.Collections.Generic;

namespace Hybrid.Bench.Harness;

/// <summary>What the user chose on the command line.</summary>
/// <param name="Rounds">Counted rounds of each comparison.</param>
/// <param name="Threads">Thread counts that each side may choose its best from.</param>
public sealed record BenchOptions(int Rounds, IReadOnlyList<int> Threads);

/// <summary>One subject to measure, by name: <c>./hybrid bench NAME</c>. One file each; <see cref="Suite"/> lists them.</summary>
public abstract class Benchmark
{
    /// <summary>The word on the command line.</summary>
    public abstract string Name { get; }

    /// <summary>One line: what is compared with what.</summary>
    public abstract string Description { get; }

    /// <summary>Measures; each row is printed as soon as it is there.</summary>
    public abstract IEnumerable<Measurement> Run(BenchOptions options);
}
