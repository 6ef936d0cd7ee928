using System;
using System.Collections.Generic;
using Hybrid.Bench.Blase;
using Hybrid.Bench.Compiler;
using Hybrid.Bench.Data;
using Hybrid.Bench.Engine;
using Hybrid.Bench.Harness;
using Hybrid.Bench.Imnn;
using Hybrid.Bench.Models;

namespace Hybrid.Bench;

/// <summary>All benchmarks, in the order they run.</summary>
public static class Suite
{
    public static IReadOnlyList<Benchmark> All { get; } =
    [
        new SmallOperations(),
        new GeneratorLatency(),
        new MlpStep(),
        new LensImages(),
        new ImnnIteration(),
        new ImnnStart(),
        new BlaseTraining(),
        new BlaseEstimates(),
        new EnsembleStep(),
        new FitsFiles(),
        new PngFiles(),
        new ParquetCache(),
    ];

    /// <summary>What this program runs when a benchmark starts it again as a contender.</summary>
    public static IReadOnlyDictionary<string, Func<IContender>> Served { get; } = new Dictionary<string, Func<IContender>>
    {
        [ImnnContender.Numerical] = () => new ImnnContender(ImnnContender.Numerical),
        [EnsembleContender.Served] = () => new EnsembleContender(),
        [ImnnContender.Tangent] = () => new ImnnContender(ImnnContender.Tangent),
        [ImnnContender.Numerical + "-products"] = () => new ImnnProducts(ImnnContender.Numerical),
        [ImnnContender.Tangent + "-products"] = () => new ImnnProducts(ImnnContender.Tangent),
    };
}
