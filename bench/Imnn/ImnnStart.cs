using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.IO;
using Hybrid.Bench.Harness;

namespace Hybrid.Bench.Imnn;

/// <summary>From the start of the process to the end of the first iteration: our sample against a PyTorch script.</summary>
internal sealed class ImnnStart : Benchmark
{
    public override string Name => "imnn-start";

    public override string Description => "process start to the first IMNN iteration against a PyTorch script";

    public override IEnumerable<Measurement> Run(BenchOptions options)
    {
        var sample = Path.Combine(AppContext.BaseDirectory, "..", "..", "Imnn", "release", "hybrid-imnn.dll");
        if (!File.Exists(sample)) throw new InvalidOperationException("bench: the IMNN sample is not built; run ./hybrid setup first");
        var output = Path.Combine(Path.GetTempPath(), $"hybrid-bench-{Environment.ProcessId}");
        try
        {
            using var ours = new FirstLine(
                "hybrid-imnn --preset paper",
                () => new ProcessStartInfo(
                    "dotnet", [sample, "--preset", "paper", "--iterations", "1", "--no-figures", "--output", output]),
                "iteration");
            using var peer = new FirstLine(
                "imnn_iteration.py tangent", () => PythonPeer.Command("imnn_iteration.py", "tangent", "--once"), "iteration");
            // "≤ 0.75 of the script's time" is "at least 1/0.75 times as fast".
            yield return Comparison.Run("imnn-start", ours, peer, options.Rounds, 1 / 0.75);
        }
        finally
        {
            if (Directory.Exists(output)) Directory.Delete(output, recursive: true);
        }
    }
}
