using System.Collections.Generic;
using Hybrid.Bench.Data;
using Hybrid.Bench.Engine;
using Hybrid.Bench.Harness;

namespace Hybrid.Bench;

/// <summary>All benchmarks, in the order they run.</summary>
public static class Suite
{
    public static IReadOnlyList<Benchmark> All { get; } =
    [
        new MlpStep(),
        new LensImages(),
    ];
}
