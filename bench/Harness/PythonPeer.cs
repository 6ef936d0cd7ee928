using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.Globalization;
using System.IO;
using System.Linq;

namespace Hybrid.Bench.Harness;

/// <summary>
/// A peer written in Python that runs in its own process beside ours and answers one block at a time, so that both sides
/// meet the same machine. The script calls <c>peer.serve</c> (bench/peers/peer.py): it prints <c>ready DESCRIPTION</c>
/// once it is warm, then one number (seconds per unit) for each line <c>run</c>.
/// </summary>
public sealed class PythonPeer : IContender
{
    private readonly Process _process;
    private readonly string _script;

    public string Description { get; }

    /// <param name="script">File name in bench/peers.</param>
    /// <param name="threads">Handed over as OMP_NUM_THREADS; a script whose library counts threads itself reads it from there.</param>
    /// <param name="arguments">Further arguments of the script.</param>
    /// <exception cref="InvalidOperationException">Python or one of the script's packages is missing, or the script failed.</exception>
    public PythonPeer(string script, int threads, params string[] arguments)
    {
        _script = script;
        var path = Path.Combine(AppContext.BaseDirectory, "peers", script);
        if (!File.Exists(path)) throw new InvalidOperationException($"bench: no peer '{script}' in {Path.GetDirectoryName(path)}");
        var start = new ProcessStartInfo(Interpreter)
        {
            RedirectStandardInput = true, RedirectStandardOutput = true, UseShellExecute = false,
        };
        start.ArgumentList.Add(path);
        foreach (var argument in arguments) start.ArgumentList.Add(argument);
        start.Environment["OMP_NUM_THREADS"] = threads.ToString(CultureInfo.InvariantCulture);
        _process = Process.Start(start) ?? throw new InvalidOperationException($"bench: {Interpreter} did not start");
        var first = _process.StandardOutput.ReadLine();
        if (first is null || !first.StartsWith("ready ", StringComparison.Ordinal))
        {
            Dispose();
            throw new InvalidOperationException(
                $"bench: peer '{script}' said '{first}' instead of 'ready …'. Its packages: apt-get install python3-torch python3-astropy python3-fitsio python3-numpy.");
        }
        Description = first["ready ".Length..];
    }

    /// <summary>Debian's own Python, which sees Debian's packages; another one may come first on PATH. HYBRID_PYTHON names a different one.</summary>
    private static string Interpreter => Environment.GetEnvironmentVariable("HYBRID_PYTHON") ?? "/usr/bin/python3";

    /// <summary>Starts the script at each thread count, keeps the fastest (median of three blocks) and ends the others.</summary>
    public static PythonPeer Best(string script, IReadOnlyList<int> threads, params string[] arguments)
    {
        PythonPeer? best = null;
        var bestTime = double.PositiveInfinity;
        foreach (var count in threads)
        {
            var peer = new PythonPeer(script, count, arguments);
            var time = Enumerable.Range(0, 3).Select(_ => peer.RunBlock()).Order().ElementAt(1);
            if (time < bestTime)
            {
                best?.Dispose();
                (best, bestTime) = (peer, time);
            }
            else
            {
                peer.Dispose();
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
            : throw new InvalidOperationException($"bench: peer '{_script}' answered '{answer}' instead of seconds");
    }

    public void Dispose()
    {
        if (!_process.HasExited)
        {
            _process.StandardInput.Close(); // the script's loop ends at the end of its input
            if (!_process.WaitForExit(2000)) _process.Kill(entireProcessTree: true);
        }
        _process.Dispose();
    }
}
