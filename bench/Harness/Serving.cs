using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.Globalization;
using Hybrid.Models.Engine;

namespace Hybrid.Bench.Harness;

/// <summary>A contender in .NET in a process of its own: this program, started again with <c>--serve NAME</c>.</summary>
public static class Serving
{
    /// <param name="name">A key of <see cref="Suite.Served"/> or <see cref="Suite.Peers"/>.</param>
    /// <param name="threads">Threads of tensor operations.</param>
    /// <param name="environment">Further settings of the process.</param>
    public static ServingProcess Start(string name, int threads, params (string Name, string Value)[] environment)
    {
        var start = new ProcessStartInfo(Environment.ProcessPath!);
        // Under the shared host the program is the host's first argument.
        if (System.IO.Path.GetFileNameWithoutExtension(Environment.ProcessPath) == "dotnet")
            start.ArgumentList.Add(typeof(Serving).Assembly.Location);
        start.ArgumentList.Add("--serve");
        start.ArgumentList.Add(name);
        foreach (var (variable, value) in environment) start.Environment[variable] = value;
        return new ServingProcess(name, start, threads, "");
    }

    /// <summary>Starts it at each thread count and keeps the fastest.</summary>
    public static ServingProcess Best(string name, IReadOnlyList<int> threads, params (string Name, string Value)[] environment)
        => ServingProcess.Best(threads, count => Start(name, count, environment));

    /// <summary>The loop of such a process.</summary>
    internal static int Run(string name)
    {
        if (Suite.Served.TryGetValue(name, out var make)) EngineSettings.Apply();
        else if (!Suite.Peers.TryGetValue(name, out make)) throw new ArgumentException($"bench: nothing is served as '{name}'");
        using var contender = make();
        contender.RunBlock(); // warm
        contender.RunBlock();
        Console.WriteLine("ready " + contender.Description);
        while (Console.ReadLine()?.Trim() == "run") Console.WriteLine(contender.RunBlock().ToString("R", CultureInfo.InvariantCulture));
        return 0;
    }
}
