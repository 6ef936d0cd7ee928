using System;
using System.Diagnostics;

namespace Hybrid.Bench.Harness;

/// <summary>
/// The time from a process's start to the first line of its output that begins with given words; the process is then ended.
/// </summary>
public sealed class FirstLine(string description, Func<ProcessStartInfo> command, string words) : IContender
{
    public string Description => description;

    public double RunBlock()
    {
        var start = command();
        start.RedirectStandardOutput = true;
        start.UseShellExecute = false;
        var begun = Stopwatch.GetTimestamp();
        using var process = Process.Start(start) ?? throw new InvalidOperationException($"bench: {start.FileName} did not start");
        while (process.StandardOutput.ReadLine() is { } line)
        {
            if (!line.StartsWith(words, StringComparison.Ordinal)) continue;
            var seconds = Stopwatch.GetElapsedTime(begun).TotalSeconds;
            process.Kill(entireProcessTree: true);
            process.WaitForExit();
            return seconds;
        }
        throw new InvalidOperationException($"bench: {description} ended without a line that begins with '{words}'");
    }

    public void Dispose()
    {
    }
}
