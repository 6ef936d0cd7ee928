using System;
using System.Collections.Generic;
using Hybrid.Bench.Blase;
using Hybrid.Bench.Compiler;
using Hybrid.Bench.Cygno;
using Hybrid.Bench.Data;
using Hybrid.Bench.EinsteinRadius;
using Hybrid.Bench.Harness;
using Hybrid.Bench.Imnn;
using Hybrid.Bench.LensFinding;
using Hybrid.Bench.Models;
using Hybrid.Bench.ByHand;

namespace Hybrid.Bench;

/// <summary>All benchmarks, in the order they run.</summary>
public static class Suite
{
    public static IReadOnlyList<Benchmark> All { get; } =
    [
        new GeneratorLatency(),
        new MlpStep(),
        new ResNetStep(),
        new LensImages(),
        new ImnnIteration(),
        new ImnnStart(),
        new BlaseTraining(),
        new BlaseEstimates(),
        new RecoilEpoch(),
        new RecoilScoring(),
        new RecoilServing(),
        new LensScoring(),
        new RadiusStep(),
        new RadiusDraws(),
        new EnsembleStep(),
        new FitsFiles(),
        new PngFiles(),
        new ParquetCache(),
    ];

    /// <summary>What this program runs when a benchmark starts it again as a contender: ours, with the engine's settings.</summary>
    public static IReadOnlyDictionary<string, Func<IContender>> Served { get; } = new Dictionary<string, Func<IContender>>
    {
        [MlpStep.Served] = () => MlpStep.Ours(),
        [ResNetStep.Served] = () => ResNetStep.Ours(),
        [RecoilEpoch.Served] = RecoilEpoch.Ours,
        [RadiusStep.Served] = RadiusStep.Ours,
        [RadiusDraws.Batched] = RadiusDraws.OfBatched,
        [RadiusDraws.Loop] = RadiusDraws.OfLoop,
        [EnsembleContender.Served] = () => EnsembleContender.Ours(),
        [ImnnContender.Numerical] = () => new ImnnContender(ImnnContender.Numerical),
        [ImnnContender.Tangent] = () => new ImnnContender(ImnnContender.Tangent),
        [ImnnContender.Numerical + "-products"] = () => new ImnnProducts(ImnnContender.Numerical),
        [ImnnContender.Tangent + "-products"] = () => new ImnnProducts(ImnnContender.Tangent),
    };

    /// <summary>The same of peers on the same package, as it comes.</summary>
    public static IReadOnlyDictionary<string, Func<IContender>> Peers { get; } = new Dictionary<string, Func<IContender>>
    {
        [MlpStep.ByHand] = HandWritten.Mlp,
        [ResNetStep.ByHand] = HandWrittenResNet.Step,
        [EnsembleStep.Loop] = HandWritten.EnsembleLoop,
        [EnsembleStep.Batched] = HandWritten.EnsembleBatched,
        [ImnnContender.Numerical + ImnnIteration.ByHand] = () => HandWrittenImnn.Of(ImnnContender.Numerical),
        [ImnnContender.Tangent + ImnnIteration.ByHand] = () => HandWrittenImnn.Of(ImnnContender.Tangent),
    };
}
