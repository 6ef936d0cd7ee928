using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.IO;
using System.Linq;

namespace Hybrid.Bench.Harness;

/// <summary>Peers written in Python, as a user of that library would: scripts of bench/peers.</summary>
public static class PythonPeer
{
    /// <summary>
    /// Debian's own Python, which sees Debian's packages; another one may come first on PATH. HYBRID_PYTHON names a different one.
    /// </summary>
    public static string Interpreter => Environment.GetEnvironmentVariable("HYBRID_PYTHON") ?? "/usr/bin/python3";

    /// <param name="script">File name in bench/peers.</param>
    /// <param name="threads">OMP_NUM_THREADS; a script whose library counts threads itself reads it from there.</param>
    /// <param name="arguments">Further arguments of the script.</param>
    /// <exception cref="InvalidOperationException">Python or one of the script's packages is missing, or the script failed.</exception>
    public static ServingProcess Start(string script, int threads, params string[] arguments)
        => new(
            script, Command(script, arguments), threads,
            "Its packages: apt-get install python3-torch python3-astropy python3-fitsio python3-numpy.");

    /// <summary>Starts the script at each thread count and keeps the fastest.</summary>
    public static ServingProcess Best(string script, IReadOnlyList<int> threads, params string[] arguments)
        => ServingProcess.Best(threads, count => Start(script, count, arguments));

    /// <summary>The command line of a script.</summary>
    public static ProcessStartInfo Command(string script, params string[] arguments)
    {
        var path = Path.Combine(AppContext.BaseDirectory, "peers", script);
        if (!File.Exists(path)) throw new InvalidOperationException($"bench: no peer '{script}' in {Path.GetDirectoryName(path)}");
        var start = new ProcessStartInfo(Interpreter, [path, .. arguments]);
        // Settings of the machine that can halve OpenBLAS would make the peer look slow.
        foreach (var name in start.Environment.Keys.Where(name => name.StartsWith("OPENBLAS_", StringComparison.Ordinal)).ToArray())
            start.Environment.Remove(name);
        return start;
    }
}
