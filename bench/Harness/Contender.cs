using System;
using System.Diagnostics;

namespace Hybrid.Bench.Harness;

/// <summary>One side of a comparison: runs a block of its work and says what one unit of it took.</summary>
public interface IContender : IDisposable
{
    /// <summary>Who this is and how it runs, for the report: "Hybrid, 2 threads", "PyTorch 1.13.1, 1 thread".</summary>
    string Description { get; }

    /// <summary>Runs one block; returns seconds per unit of work.</summary>
    double RunBlock();
}

/// <summary>
/// A contender in this process: <paramref name="unit"/> is one unit of work, timed <paramref name="unitsPerBlock"/> at a time.
/// </summary>
public sealed class InProcess(string description, int unitsPerBlock, Action unit, Action? dispose = null) : IContender
{
    public string Description => description;

    public double RunBlock()
    {
        var start = Stopwatch.GetTimestamp();
        for (var i = 0; i < unitsPerBlock; i++) unit();
        return Stopwatch.GetElapsedTime(start).TotalSeconds / unitsPerBlock;
    }

    public void Dispose() => dispose?.Invoke();
}
