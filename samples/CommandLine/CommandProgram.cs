using System;
using System.CommandLine;
using System.Globalization;
using System.IO;
using System.Linq;
using System.Threading;
using System.Threading.Tasks;
using Hybrid.Data.Figures;
using Hybrid.Models.Engine;
using static TorchSharp.torch;

namespace Hybrid.Samples.CommandLine;

/// <summary>
/// One run of a command-line program: the invariant culture, libtorch loaded beside reading the command line, Ctrl-C, failures as one line
/// on the error stream, exit codes (0: done, 1: refused or failed).
/// </summary>
public sealed class CommandProgram
{
    private readonly string _name;
    private readonly string[] _arguments;
    private readonly CancellationTokenSource _stop = new();
    private Task _loading = Task.CompletedTask;

    /// <param name="name">Before each failure's message.</param>
    /// <param name="arguments">The command line.</param>
    /// <param name="loadsEngine">Whether libtorch is loaded at once; help and version do not need it.</param>
    public CommandProgram(string name, string[] arguments, bool loadsEngine = true)
    {
        (_name, _arguments) = (name, arguments);
        CultureInfo.CurrentCulture = CultureInfo.InvariantCulture;
        if (loadsEngine && !AsksForHelp) LoadEngine();
        // The first one ends the work at its next checkpoint and keeps what is done; the second ends the process.
        Console.CancelKeyPress += (_, key) =>
        {
            key.Cancel = !_stop.IsCancellationRequested;
            _stop.Cancel();
        };
    }

    /// <summary>Cancelled by Ctrl-C.</summary>
    public CancellationToken Stop => _stop.Token;

    private bool AsksForHelp
        => _arguments.Length > 0 && _arguments.Any(argument => argument is "--help" or "-h" or "-?" or "/?" or "/h" or "--version");

    /// <summary>Loads libtorch beside what follows. A failure shows again where it is first used.</summary>
    public Task LoadEngine()
    {
        if (_loading.IsCompleted) _loading = Task.Run(Load);
        return _loading;

        static void Load()
        {
            EngineSettings.Apply();
            using var scope = NewDisposeScope();
            var x = ones(64, 64);
            x.mm(x); // the first product loads the libraries that multiply
        }
    }

    /// <summary>An action whose expected failures become one line and exit code 1.</summary>
    public Func<ParseResult, int> Guarded(Func<ParseResult, int> work) => parsed =>
    {
        try
        {
            return work(parsed);
        }
        catch (Exception failure) when (Message(failure) is { } message)
        {
            Console.Error.WriteLine($"{_name}: {message}");
            return 1;
        }
    };

    /// <summary>Parses the command line and runs what it asks for.</summary>
    /// <returns>The process's exit code.</returns>
    public int Run(RootCommand command)
    {
        var exitCode = command.Parse(_arguments).Invoke();
        ((IAsyncResult)_loading).AsyncWaitHandle.WaitOne(); // a process that ends while a library loads may crash
        return exitCode;
    }

    /// <summary>Sets --threads where it was given.</summary>
    /// <returns>Threads of tensor operations.</returns>
    public static int UseThreads(int? threads)
    {
        if (threads is < 1) throw new ArgumentException($"--threads: expected at least 1, got {threads}.");
        if (threads is { } count) set_num_threads(count);
        return get_num_threads();
    }

    private static string? Message(Exception failure) => failure switch
    {
        AggregateException { InnerException: { } inner } => Message(inner),
        ArgumentException or InvalidDataException or IOException or InvalidOperationException or UnauthorizedAccessException or DllNotFoundException or FigureException or NotSupportedException
            => WithoutParameter(failure.Message),
        _ when LibtorchMessage.IsOf(failure) => $"libtorch: {LibtorchMessage.Of(failure)}",
        _ => null,
    };

    // ArgumentException adds the parameter's name, which says nothing to who typed a command.
    private static string WithoutParameter(string message)
        => message.LastIndexOf(" (Parameter '", StringComparison.Ordinal) is > 0 and var at ? message[..at] : message;
}
