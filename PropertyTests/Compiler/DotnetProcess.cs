using System.Collections.Generic;
using System.Diagnostics;

namespace Hybrid.PropertyTests.Compiler;

/// <summary>dotnet as a user runs it: a command of the SDK, or a built program.</summary>
internal static class DotnetProcess
{
    /// <summary>Runs it to its end.</summary>
    /// <param name="folder">The folder it runs in.</param>
    /// <param name="arguments">A command, or a program's dll, and what follows.</param>
    /// <param name="environment">Variables set for it.</param>
    public static (int ExitCode, string Output, string Errors) Run(
        string folder, string[] arguments, params (string Name, string Value)[] environment)
    {
        var start = new ProcessStartInfo("dotnet", arguments)
        {
            WorkingDirectory = folder, RedirectStandardOutput = true, RedirectStandardError = true,
        };
        foreach (var (name, value) in environment) start.Environment[name] = value;
        start.Environment["DOTNET_CLI_TELEMETRY_OPTOUT"] = "1";
        start.Environment["MSBUILDDISABLENODEREUSE"] = "1";
        // A build started from a test must not inherit the test host's own settings of MSBuild.
        foreach (var inherited in (IEnumerable<string>)["MSBUILD_EXE_PATH", "MSBuildSDKsPath", "MSBuildExtensionsPath"])
            start.Environment.Remove(inherited);
        using var process = Process.Start(start)!;
        var errors = process.StandardError.ReadToEndAsync();
        var output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return (process.ExitCode, output, errors.Result);
    }
}
