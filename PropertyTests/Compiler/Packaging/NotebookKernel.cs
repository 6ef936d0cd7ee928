using System;
using System.Diagnostics;
using System.Text;
using System.Text.Json;

namespace Hybrid.PropertyTests.Compiler.Packaging;

/// <summary>The kernel of .NET notebooks, spoken to over its standard streams: a line of JSON for each command and event.</summary>
internal sealed class NotebookKernel : IDisposable
{
    private readonly Process _process;
    private int _commands;

    private NotebookKernel(Process process) => _process = process;

    public static NotebookKernel Start(string program, string folder, params (string Name, string Value)[] environment)
    {
        var start = new ProcessStartInfo(program, ["stdio", "--default-kernel", "fsharp"])
        {
            RedirectStandardInput = true, RedirectStandardOutput = true, WorkingDirectory = folder,
        };
        start.Environment["DOTNET_INTERACTIVE_CLI_TELEMETRY_OPTOUT"] = "1";
        foreach (var (name, value) in environment) start.Environment[name] = value;
        return new NotebookKernel(Process.Start(start)!);
    }

    /// <summary>Runs a cell and gives what it printed.</summary>
    /// <exception cref="InvalidOperationException">The cell failed, with what was printed.</exception>
    public string Run(string language, string code)
    {
        var token = $"cell{++_commands}";
        _process.StandardInput.WriteLine(
            JsonSerializer.Serialize(new { token, commandType = "SubmitCode", command = new { code, targetKernelName = language } }));
        _process.StandardInput.Flush();
        var printed = new StringBuilder();
        while (_process.StandardOutput.ReadLine() is { } line)
        {
            if (!line.StartsWith('{')) continue;
            using var message = JsonDocument.Parse(line);
            var root = message.RootElement;
            var kind = root.GetProperty("eventType").GetString();
            var body = root.GetProperty("event");
            if (kind is "StandardOutputValueProduced" or "StandardErrorValueProduced" or "ErrorProduced")
            {
                printed.AppendLine(
                    body.TryGetProperty("formattedValues", out var values) && values is { ValueKind: JsonValueKind.Array }
                        && values.GetArrayLength() > 0
                        ? values[0].GetProperty("value").GetString()
                        : body.GetProperty("message").GetString());
            }
            if (root.GetProperty("command").GetProperty("token").GetString() != token) continue;
            if (kind == "CommandSucceeded") return printed.ToString();
            if (kind == "CommandFailed")
                throw new InvalidOperationException($"{body.GetProperty("message").GetString()}\n{printed}");
        }
        throw new InvalidOperationException($"the kernel ended: {printed}");
    }

    public void Dispose()
    {
        _process.Kill(entireProcessTree: true);
        _process.Dispose();
    }
}
