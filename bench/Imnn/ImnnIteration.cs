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
            }
            using (var ours = Serving.Best(form, options.Threads, ("HYBRID_GEMM", "blas")))
            using (var peer = PythonPeer.Best("imnn_iteration.py", options.Threads, script))
                yield return Comparison.Run($"{form}, OpenBLAS on both sides", ours, peer, options.Rounds, 1.5);
        }
    }
}
