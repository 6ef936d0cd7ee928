using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.Globalization;
using System.Linq;

namespace Hybrid.Bench.Harness;

/// <summary>
/// A contender in a process of its own that answers one block at a time, so that both sides meet the same machine and neither
/// meets the other's settings. It prints <c>ready DESCRIPTION</c> once it is warm, then one number (seconds per unit) for
/// each line <c>run</c>. bench/peers/peer.py and <see cref="Serving"/> speak the same protocol.
/// </summary>
public sealed class ServingProcess : IContender
{
    private readonly Process _process;
    private readonly string _name;

    public string Description { get; }

    /// <param name="name">What it is, for messages.</param>
    /// <param name="start">How it is started; its streams are redirected here.</param>
    /// <param name="threads">Handed over as OMP_NUM_THREADS.</param>
    /// <param name="hint">What to do when it does not start.</param>
    /// <exception cref="InvalidOperationException">It did not become ready.</exception>
    public ServingProcess(string name, ProcessStartInfo start, int threads, string hint)
    {
        _name = name;
        start.RedirectStandardInput = start.RedirectStandardOutput = true;
        start.UseShellExecute = false;
        start.Environment["OMP_NUM_THREADS"] = threads.ToString(CultureInfo.InvariantCulture);
        _process = Process.Start(start) ?? throw new InvalidOperationException($"bench: {start.FileName} did not start");
        var first = _process.StandardOutput.ReadLine();
        if (first is null || !first.StartsWith("ready ", StringComparison.Ordinal))
        {
            Dispose();
            throw new InvalidOperationException($"bench: '{name}' said '{first}' instead of 'ready …'. {hint}");
        }
        Description = first["ready ".Length..];
    }

    /// <summary>Starts it at each thread count, keeps the fastest (median of three blocks) and ends the others.</summary>
    public static ServingProcess Best(IReadOnlyList<int> threads, Func<int, ServingProcess> start)
    {
        ServingProcess? best = null;
        var bestTime = double.PositiveInfinity;
        foreach (var count in threads)
        {
            var process = start(count);
            var time = Enumerable.Range(0, 3).Select(_ => process.RunBlock()).Order().ElementAt(1);
            if (time < bestTime)
            {
                best?.Dispose();
                (best, bestTime) = (process, time);
            }
            else
            {
                process.Dispose();
            }
        }
        return best ?? throw new ArgumentException("expected at least one thread count", nameof(threads));
    }

    public double RunBlock()
    {
        _process.StandardInput.WriteLine("run");
        _process.StandardInput.Flush();
        var answer = _process.StandardOutput.ReadLine();
        return double.TryParse(answer, NumberStyles.Float, CultureInfo.InvariantCulture, out var seconds)
            ? seconds
            : throw new InvalidOperationException($"bench: '{_name}' answered '{answer}' instead of seconds");
    }

    public void Dispose()
    {
        if (!_process.HasExited)
        {
            _process.StandardInput.Close(); // its loop ends at the end of its input
            if (!_process.WaitForExit(2000)) _process.Kill(entireProcessTree: true);
        }
        _process.Dispose();
    }
}
