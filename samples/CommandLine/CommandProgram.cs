using System;
using System.CommandLine;
using System.Globalization;
using System.IO;
using System.Linq;
using System.Runtime.InteropServices;
using System.Threading;
using System.Threading.Tasks;
using Hybrid.Data.Figures;
using Hybrid.Models.Engine;
using static TorchSharp.torch;

namespace Hybrid.Samples.CommandLine;

/// <summary>
/// One run of a command-line program: the invariant culture, libtorch loaded beside reading the command line, Ctrl-C and SIGTERM, failures
/// as one line on the error stream, exit codes (0: done, 1: refused or failed, 130: stopped by the user before there was a result).
/// </summary>
public sealed class CommandProgram
{
    private const string Verbose = "--verbose";
    private readonly string _name;
    private readonly string[] _arguments;
    private readonly CancellationTokenSource _stop = new();
    private readonly PosixSignalRegistration _termination;
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
        // What a batch system sends some time before it kills.
        _termination = PosixSignalRegistration.Create(PosixSignal.SIGTERM, signal =>
        {
            signal.Cancel = !_stop.IsCancellationRequested;
            _stop.Cancel();
        });
    }

    /// <summary>Cancelled by Ctrl-C or SIGTERM.</summary>
    public CancellationToken Stop => _stop.Token;

    private bool IsVerbose => _arguments.Contains(Verbose);

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

    /// <summary>An action whose failures become one line and exit code 1; with --verbose the place in the code follows.</summary>
    public Func<ParseResult, int> Guarded(Func<ParseResult, int> work) => parsed =>
    {
        try
        {
            return work(parsed);
        }
        catch (OperationCanceledException) when (_stop.IsCancellationRequested)
        {
            Console.Error.WriteLine($"{_name}: stopped by you");
            return 130;
        }
        catch (Exception failure)
        {
            Console.Error.WriteLine($"{_name}: {Message(failure) ?? Unexpected(failure)}");
            if (IsVerbose) Console.Error.WriteLine(failure);
            return 1;
        }
    };

    /// <summary>Parses the command line and runs what it asks for.</summary>
    /// <returns>The process's exit code.</returns>
    public int Run(RootCommand command)
    {
        command.Add(new Option<bool>(Verbose) { Description = "On failure, print where in the code it happened.", Recursive = true });
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
        ArgumentException or InvalidDataException or IOException or InvalidOperationException or UnauthorizedAccessException
            or DllNotFoundException or FigureException or NotSupportedException => WithoutParameter(failure.Message),
        OutOfMemoryException => "not enough memory. Give the machine more, or the command less to do at once.",
        _ when LibtorchMessage.IsOf(failure) => $"libtorch: {LibtorchMessage.Of(failure)}",
        _ => null,
    };

    // Not expected here: its kind helps whoever reads the report.
    private static string Unexpected(Exception failure)
        => $"{failure.GetType().Name}: {failure.Message.Split('\n')[0].Trim()} (a fault of Hybrid; {Verbose} prints where it happened)";

    // ArgumentException adds the parameter's name, which says nothing to who typed a command.
    private static string WithoutParameter(string message)
        => message.LastIndexOf(" (Parameter '", StringComparison.Ordinal) is > 0 and var at ? message[..at] : message;
}
