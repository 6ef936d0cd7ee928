using System;
using System.Collections.Generic;
using System.IO;
using Hybrid.Bench.Harness;
using Hybrid.Bench.Imnn;
using Hybrid.Bench.Models;
using Hybrid.Models.Engine;
using static TorchSharp.torch;

namespace Hybrid.Bench;

/// <summary>
/// bench/gpu-check: an IMNN iteration, an ensemble's step and a ResNet's step on a CUDA machine against PyTorch there, in under five
/// minutes. Without a GPU, or with <c>cpu</c> as argument, the same on the CPU. Where PyTorch is missing, ours alone.
/// </summary>
internal static class GpuCheck
{
    private const int Rounds = 7;

    public static int Run(string? asked)
    {
        EngineSettings.Apply();
        var name = asked ?? (cuda.is_available() ? "cuda" : "cpu");
        Device device;
        try
        {
            device = ComputeDevice.Named(name);
        }
        catch (ArgumentException failure)
        {
            Console.Error.WriteLine($"gpu-check: {failure.Message}");
            return 2;
        }
        Console.WriteLine($"libtorch {__version__} on {name}{(name == "cpu" ? " (no CUDA device was found or asked for)" : "")}");
        (string Name, Func<IContender> Ours, string Script, string[] Arguments)[] rows =
        [
            ("IMNN iteration, numerical", () => new ImnnContender(ImnnContender.Numerical, device), "imnn_iteration.py", ["numerical"]),
            ("IMNN iteration, tangents", () => new ImnnContender(ImnnContender.Tangent, device), "imnn_iteration.py", ["tangent"]),
            ("ensemble, a member's step", () => EnsembleContender.Ours(device), "ensemble_step.py", ["batched"]),
            ("ResNet-10 step", () => ResNetStep.Ours(device), "resnet_step.py", []),
        ];
        var failures = 0;
        foreach (var (row, ours, script, arguments) in rows)
        {
            try
            {
                using var contender = ours();
                IContender? peer = null;
                try
                {
                    Environment.SetEnvironmentVariable("HYBRID_DEVICE", name);
                    peer = PythonPeer.Start(script, Environment.ProcessorCount, arguments);
                }
                catch (Exception failure) when (failure is InvalidOperationException or System.ComponentModel.Win32Exception)
                {
                    Console.WriteLine($"{row}: no PyTorch to compare with ({failure.Message.Split('\n')[0]})");
                }
                using (peer)
                {
                    if (peer is null)
                    {
                        contender.RunBlock();
                        Console.WriteLine($"{row}: {Comparison.Time(contender.RunBlock())}");
                        continue;
                    }
                    var measured = Comparison.Run(row, contender, peer, Rounds);
                    Console.WriteLine($"{row}: ours {measured.Ours}, PyTorch {measured.Peer}, "
                        + FormattableString.Invariant($"ratio {measured.Ratio:0.00} ({measured.Spread})"));
                }
            }
            catch (Exception failure) when (failure is not OutOfMemoryException)
            {
                failures++;
                Console.WriteLine($"{row}: failed: {LibtorchMessage.Of(failure)}");
            }
        }
        return failures == 0 ? 0 : 1;
    }
}
