using System;
using System.Collections.Generic;
using Hybrid.Bench.Harness;
using static TorchSharp.torch;

namespace Hybrid.Bench.Engine;

/// <summary>The cost of a call: operations on tensors so small that the arithmetic does not count, and one whose memory does.</summary>
public sealed class SmallOperations : Benchmark
{
    public override string Name => "small-operations";

    public override string Description => "one operation on 4x4 tensors, result disposed at once, against PyTorch from Python";

    public override IEnumerable<Measurement> Run(BenchOptions options)
    {
        foreach (var (name, units, unit) in Operations())
        {
            using var ours = new InProcess("Hybrid, 1 thread", units, unit);
            using var peer = PythonPeer.Start("small_operation.py", 1, name);
            set_num_threads(1);
            yield return Comparison.Run(name, ours, peer, options.Rounds, 1.0);
        }
    }

    private static IEnumerable<(string Name, int Units, Action Unit)> Operations()
    {
        manual_seed(0);
        var (a, b) = (randn(4, 4), randn(4, 4));
        var big = randn(1000, 1000);
        var w = randn(4, 4, requires_grad: true);
        yield return ("add", 20000, () => a.add(b).Dispose());
        yield return ("times-number", 20000, () => (a * 2.0).Dispose());
        yield return ("index", 20000, () => a[1].Dispose());
        yield return ("sum", 20000, () => a.sum(0L).Dispose());
        yield return ("backward", 2000, () =>
        {
            using var scope = NewDisposeScope();
            (w * b).sum().backward();
        });
        yield return ("relu-4MB", 200, () => big.relu().Dispose());
    }
}
