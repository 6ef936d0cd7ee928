using System.Collections.Generic;
using Hybrid.Bench.Harness;

namespace Hybrid.Bench.Imnn;

/// <summary>One IMNN iteration, statistics and validation included, against tuned PyTorch and against TorchSharp by hand.</summary>
internal sealed class ImnnIteration : Benchmark
{
    public const string ByHand = "-torchsharp";

    public override string Name => "imnn";

    public override string Description => "one IMNN iteration against PyTorch and TorchSharp by hand (numerical and tangent derivatives)";

    public override IEnumerable<Measurement> Run(BenchOptions options)
    {
        foreach (var form in (string[])[ImnnContender.Numerical, ImnnContender.Tangent])
        {
            using var ours = Serving.Best(form, options.Threads);
            using (var peer = PythonPeer.Best("imnn_iteration.py", options.Threads, form["imnn-".Length..]))
                yield return Comparison.Run(form, ours, peer, options.Rounds, 2);
            using (var peer = Serving.Best(form + ByHand, options.Threads))
                yield return Comparison.Run(form, ours, peer, options.Rounds, 2);
            using (var products = Serving.Best(form + "-products", options.Threads))
                yield return Share(form, ours, products, options.Rounds);
        }
    }

    /// <summary>
    /// How much of the measured rate of matrix products an iteration reaches: the time of its products alone over its own.
    /// </summary>
    private static Measurement Share(string form, IContender iteration, IContender products, int rounds)
    {
        var row = Comparison.Run($"{form}, share of the measured matrix throughput", iteration, products, rounds, 0);
        return row with { Target = "", Reached = null };
    }
}
