using System.Collections.Generic;
using Hybrid.Bench.Harness;

namespace Hybrid.Bench.Imnn;

/// <summary>One IMNN iteration, statistics and validation included, against tuned PyTorch; with the same matrix products on both sides, of oneDNN and of OpenBLAS, and as users get it.</summary>
internal sealed class ImnnIteration : Benchmark
{
    public override string Name => "imnn";

    public override string Description => "one IMNN iteration against PyTorch (numerical and tangent derivatives)";

    public override IEnumerable<Measurement> Run(BenchOptions options)
    {
        foreach (var form in (string[])[ImnnContender.Numerical, ImnnContender.Tangent])
        {
            var script = form["imnn-".Length..];
            using (var ours = Serving.Best(form, options.Threads))
            {
                using (var peer = PythonPeer.BestWithOurProducts("imnn_iteration.py", options.Threads, script))
                    yield return Comparison.Run($"{form}, matrix products by oneDNN on both sides", ours, peer, options.Rounds, 1.5);
                using (var peer = PythonPeer.Best("imnn_iteration.py", options.Threads, script))
                    yield return Comparison.Run($"{form}, as installed (oneDNN here, OpenBLAS there)", ours, peer, options.Rounds, 1.5);
                using (var products = Serving.Best(form + "-products", options.Threads)) yield return Share(form, ours, products, options.Rounds);
            }
            using (var ours = Serving.Best(form, options.Threads, ("HYBRID_GEMM", "blas")))
            using (var peer = PythonPeer.Best("imnn_iteration.py", options.Threads, script))
                yield return Comparison.Run($"{form}, OpenBLAS on both sides", ours, peer, options.Rounds, 1.5);
        }
    }

    /// <summary>How much of the measured rate of matrix products an iteration reaches: the time of its products alone over its own.</summary>
    private static Measurement Share(string form, IContender iteration, IContender products, int rounds)
    {
        var row = Comparison.Run($"{form}, share of the measured matrix throughput", iteration, products, rounds, 0);
        return row with { Target = "", Reached = null };
    }
}
