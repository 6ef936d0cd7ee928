using System;
using System.Diagnostics;
using TorchSharp;
using static TorchSharp.torch;

namespace Hybrid.Bench.Harness;

/// <summary>A contender whose unit of work is one training step, each in a dispose scope of its own.</summary>
/// <param name="who">"Hybrid", "TorchSharp by hand".</param>
/// <param name="steps">Steps of a block.</param>
/// <param name="step">One step.</param>
/// <param name="device">Where it runs: a GPU is waited for at the end of a block.</param>
/// <param name="of">Units of work in a step: the members of an ensemble.</param>
internal sealed class Stepper(string who, int steps, Action step, int of = 1, Device? device = null) : IContender
{
    public string Description { get; } = Describe(who, device);

    /// <summary>Who works, and where: a GPU, or so many threads.</summary>
    public static string Describe(string who, Device? device)
        => device is { type: DeviceType.CUDA } ? $"{who}, {device}" : $"{who}, {get_num_threads()} threads";

    public double RunBlock()
    {
        var start = Stopwatch.GetTimestamp();
        for (var i = 0; i < steps; i++)
        {
            using var scope = NewDisposeScope();
            step();
        }
        if (device is { type: DeviceType.CUDA }) cuda.synchronize();
        return Stopwatch.GetElapsedTime(start).TotalSeconds / (steps * of);
    }

    public void Dispose()
    {
    }
}
