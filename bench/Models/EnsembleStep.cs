using System;
using System.Collections.Generic;
using System.Linq;
using Hybrid.Bench.Harness;
using static TorchSharp.torch;

namespace Hybrid.Bench.Models;

/// <summary>
/// One training step of one member of an ensemble: 25 networks as one program, against a loop over them and against a batched program by
/// hand, in PyTorch and in TorchSharp.
/// </summary>
internal sealed class EnsembleStep : Benchmark
{
    public const string Loop = "ensemble-torchsharp-loop", Batched = "ensemble-torchsharp-batched";

    public override string Name => "ensemble";

    public override string Description
        => "a member's training step of 25 networks 52-152-80-72-48-2 (batch 64, own batches, Adam) against PyTorch and TorchSharp by hand";

    public override IEnumerable<Measurement> Run(BenchOptions options)
    {
        using (var ours = Serving.Best(EnsembleContender.Served, options.Threads))
        {
            using (var loop = Best(options.Threads, "loop", "loop-foreach"))
                yield return Comparison.Run("member-step, a loop over members there", ours, loop, options.Rounds, 4);
            using (var batched = Best(options.Threads, "batched"))
                yield return Comparison.Run("member-step, a batched program by hand there", ours, batched, options.Rounds, 1.8);
            using (var loop = Serving.Best(Loop, options.Threads))
                yield return Comparison.Run("member-step, a loop over members there", ours, loop, options.Rounds, 4);
            using (var batched = Serving.Best(Batched, options.Threads))
                yield return Comparison.Run("member-step, a batched program by hand there", ours, batched, options.Rounds, 1.5);
        }
        yield return EnsembleFloor.Measure();
    }

    /// <summary>The fastest form of the peer at its best thread count.</summary>
    private static IContender Best(IReadOnlyList<int> threads, params string[] forms)
    {
        var contenders = forms.Select(form => (IContender)PythonPeer.Best("ensemble_step.py", threads, form)).Select(
            peer => (Peer: peer, Time: Comparison.Median(Enumerable.Range(0, 3).Select(_ => peer.RunBlock())))).ToList();
        var best = contenders.MinBy(contender => contender.Time).Peer;
        foreach (var (peer, _) in contenders) if (!ReferenceEquals(peer, best)) peer.Dispose();
        return best;
    }
}
