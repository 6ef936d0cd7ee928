using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.Globalization;
using System.Linq;

namespace Hybrid.Bench.Harness;

/// <summary>The time of a whole process, from its start to its end, for each unit of its work.</summary>
/// <param name="description">Who it is.</param>
/// <param name="command">How it is started.</param>
/// <param name="threads">Handed over as OMP_NUM_THREADS.</param>
/// <param name="units">Units of work that the process does.</param>
/// <param name="hint">What to do when it fails.</param>
public sealed class WholeProcess(string description, Func<ProcessStartInfo> command, int threads, double units, string hint) : IContender
{
    public string Description => FormattableString.Invariant($"{description}, {threads} threads, whole process");

    /// <summary>What the last run printed last.</summary>
    public string LastLine { get; private set; } = "";

    /// <summary>Runs each of some processes once and keeps the fastest.</summary>
    public static WholeProcess Fastest(IEnumerable<WholeProcess> processes)
        => processes.Select(process => (process, time: process.RunBlock())).MinBy(run => run.time).process;

    /// <exception cref="InvalidOperationException">The process ended with an error; the message has its last words.</exception>
    public double RunBlock()
    {
        var start = command();
        start.RedirectStandardOutput = start.RedirectStandardError = true;
        start.UseShellExecute = false;
        start.Environment["OMP_NUM_THREADS"] = threads.ToString(CultureInfo.InvariantCulture);
        var begun = Stopwatch.GetTimestamp();
        using var process = Process.Start(start) ?? throw new InvalidOperationException($"bench: {start.FileName} did not start");
        var errors = process.StandardError.ReadToEndAsync();
        while (process.StandardOutput.ReadLine() is { } line) LastLine = line;
        process.WaitForExit();
        var seconds = Stopwatch.GetElapsedTime(begun).TotalSeconds;
        if (process.ExitCode != 0)
            throw new InvalidOperationException($"bench: {description} ended with code {process.ExitCode}: {errors.Result.Trim()} {hint}");
        return seconds / units;
    }

    public void Dispose()
    {
    }
}
