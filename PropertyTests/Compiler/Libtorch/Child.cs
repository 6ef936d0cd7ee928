using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.Threading.Tasks;

namespace Hybrid.PropertyTests.Compiler.Libtorch;

/// <summary>
/// What may end the process, or is about the whole process, runs in a child: this program again, which does what a variable names instead
/// of running tests.
/// </summary>
internal static class Child
{
    private const string Variable = "HYBRID_CHILD";

    /// <summary>What a child can be asked for.</summary>
    private static readonly Dictionary<string, Action> _work = new()
    {
        [nameof(ProcessEnds.Matmul)] = ProcessEnds.Matmul,
        [nameof(ProcessEnds.UnusedInput)] = ProcessEnds.UnusedInput,
        [nameof(ProcessEnds.MapTakenAway)] = ProcessEnds.MapTakenAway,
        [nameof(ProcessEnds.UnknownOperator)] = ProcessEnds.UnknownOperator,
        [nameof(FuzzTests.CallEverything)] = FuzzTests.CallEverything,
        [nameof(SignalTests.TrainUnderSignals)] = SignalTests.TrainUnderSignals,
        [nameof(EngineSettingsTests.PrintProducts)] = EngineSettingsTests.PrintProducts,
    };

    /// <summary>The program's entry: tests, or in a child its work.</summary>
    public static int Main(string[] arguments)
    {
        if (Environment.GetEnvironmentVariable(Variable) is not { Length: > 0 } asked)
            return Xunit.Runner.InProc.SystemConsole.ConsoleRunner.Run(arguments).GetAwaiter().GetResult();
        try
        {
            _work[asked]();
            return 0;
        }
        catch (Exception failure)
        {
            Console.Error.WriteLine($"{asked} failed: {failure}");
            return 1;
        }
    }

    /// <summary>Starts a child, hands it to <paramref name="beside"/> while it runs, and waits for its end.</summary>
    public static async Task<(int ExitCode, string Output)> Run(
        string work,
        Action<Process>? beside = null,
        params (string Name, string Value)[] environment)
    {
        var start = new ProcessStartInfo("dotnet", [typeof(Child).Assembly.Location])
        {
            RedirectStandardOutput = true, RedirectStandardError = true,
        };
        start.Environment[Variable] = work;
        start.Environment["OMP_WAIT_POLICY"] = "passive";
        foreach (var (name, value) in environment) start.Environment[name] = value;
        using var process = Process.Start(start)!;
        var error = process.StandardError.ReadToEndAsync();
        var output = process.StandardOutput.ReadToEndAsync();
        beside?.Invoke(process);
        await process.WaitForExitAsync();
        return (process.ExitCode, await output + await error);
    }
}
