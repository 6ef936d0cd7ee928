using System.Collections.Generic;
using Hybrid.Bench.Harness;

namespace Hybrid.Bench.Imnn;

/// <summary>One IMNN iteration, statistics and validation included, against tuned PyTorch; once with the peer's BLAS and once as users get it.</summary>
internal sealed class ImnnIteration : Benchmark
{
    public override string Name => "imnn";

    public override string Description => "one IMNN iteration against PyTorch (numerical and tangent derivatives)";

    public override IEnumerable<Measurement> Run(BenchOptions options)
    {
        foreach (var form in (string[])[ImnnContender.Numerical, ImnnContender.Tangent])
        {
            using var peer = PythonPeer.Best("imnn_iteration.py", options.Threads, form["imnn-".Length..]);
            using (var same = Serving.Best(form, options.Threads, ("HYBRID_GEMM", "blas")))
                yield return Comparison.Run($"{form}, OpenBLAS on both sides", same, peer, options.Rounds, 1.5);
            using (var ours = Serving.Best(form, options.Threads))
                yield return Comparison.Run($"{form}, as installed (matrix products by oneDNN)", ours, peer, options.Rounds, 1.5);
        }
    }
}
