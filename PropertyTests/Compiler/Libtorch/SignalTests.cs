using System;
using System.Diagnostics;
using System.Globalization;
using System.Linq;
using System.Runtime.InteropServices;
using System.Text.RegularExpressions;
using System.Threading;
using System.Threading.Tasks;
using Hybrid.Models.Engine;
using Hybrid.Models.Training.Optimisers;
using TorchSharp;
using Xunit;
using static TorchSharp.torch;

namespace Hybrid.PropertyTests.Compiler.Libtorch;

/// <summary>
/// Signals while tensors are at work: a terminal resized (SIGWINCH), a process continued (SIGCONT), Ctrl-C that the program handles
/// (SIGINT). The handlers of .NET run on the thread that the signal meets, in the middle of a product or of an OpenMP region: the process
/// must not die, and its numbers must be those of a quiet run.
/// </summary>
public sealed class SignalTests
{
    private const int Interrupt = 2, Continue = 18, WindowChange = 28;

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public async Task Signals_NeitherEndTheProcessNorChangeItsNumbers(int threads)
    {
        if (!OperatingSystem.IsLinux()) Assert.Skip("sends Linux's signals");
        var quiet = await Child.Run(nameof(TrainUnderSignals), null, ("OMP_NUM_THREADS", $"{threads}"));
        Assert.True(quiet.ExitCode == 0, quiet.Output);
        var sent = 0;
        var disturbed = await Child.Run(nameof(TrainUnderSignals), process =>
        {
            // Signals reach the process from when its handlers stand, which it says by a file.
            int[] signals = [WindowChange, Continue, Interrupt];
            while (!process.HasExited)
            {
                Thread.Sleep(2);
                if (!HasHandlers(process.Id)) continue;
                if (Kill(process.Id, signals[sent % signals.Length]) == 0) sent++;
            }
        }, ("OMP_NUM_THREADS", $"{threads}"));
        Assert.True(disturbed.ExitCode == 0, $"after {sent} signals the child ended with {disturbed.ExitCode}:\n{disturbed.Output}");
        Assert.True(sent > 300, $"only {sent} signals were sent");
        Assert.Equal(Numbers(quiet.Output), Numbers(disturbed.Output));
    }

    private static string Numbers(string output)
        => Regex.Match(output, "trained (.*)").Groups[1].Value is { Length: > 0 } found
            ? found
            : throw new InvalidOperationException($"no numbers in: {output}");

    /// <summary>Whether a process catches SIGINT by now; one that does not would end by it.</summary>
    private static bool HasHandlers(int process)
    {
        try
        {
            var caught = System.IO.File.ReadLines($"/proc/{process}/status")
                .First(line => line.StartsWith("SigCgt:", StringComparison.Ordinal))
                .Split('\t')[1];
            var mask = ulong.Parse(caught, NumberStyles.HexNumber, CultureInfo.InvariantCulture);
            return System.IO.File.Exists(ReadyFile(process)) && (mask >> (Interrupt - 1) & 1) != 0;
        }
        catch (Exception failure) when (failure is System.IO.IOException or InvalidOperationException)
        {
            return false; // it has ended
        }
    }

    private static string ReadyFile(int process) => System.IO.Path.Combine(System.IO.Path.GetTempPath(), $"hybrid-signals-{process}");

    [DllImport("libc", EntryPoint = "kill")]
    private static extern int Kill(int process, int signal);

    /// <summary>
    /// What the child runs: linear layers, convolutions, recurrent cells and a batched ensemble in training, for a few seconds.
    /// </summary>
    internal static void TrainUnderSignals()
    {
        Console.CancelKeyPress += (_, key) => key.Cancel = true;
        // By their numbers: the names are not there on Windows, where this does not run.
        using var resized = PosixSignalRegistration.Create((PosixSignal)WindowChange, context => context.Cancel = true);
        using var continued = PosixSignalRegistration.Create((PosixSignal)Continue, context => context.Cancel = true);
        EngineSettings.Apply();
        set_num_threads(int.Parse(Environment.GetEnvironmentVariable("OMP_NUM_THREADS")!, CultureInfo.InvariantCulture));
        manual_seed(5);
        var ready = ReadyFile(Environment.ProcessId);
        System.IO.File.WriteAllText(ready, "");
        try
        {
            using var convolutions = nn.Sequential(
                nn.Conv2d(3, 16, 3, padding: 1),
                nn.ReLU(),
                nn.Conv2d(16, 16, 3, stride: 2),
                nn.ReLU(), nn.Flatten(),
                nn.Linear(16 * 11 * 11, 1));
            using var cells = nn.GRU(16, 32, batchFirst: true);
            using var dense = new Hybrid.Models.Systems.Blase.PeakEstimator.Ensemble(5, 52);
            var (images, series, rows) = (randn(16, 3, 24, 24), randn(16, 20, 16), randn(5, 64, 52));
            using var update = OptimiserStep.Of(
                optim.Adam([.. convolutions.parameters(), .. cells.parameters(), .. dense.parameters()], 1e-3));
            var clock = Stopwatch.StartNew();
            var sum = 0.0;
            // So many steps that a second or more passes, and the same ones in each run.
            for (var step = 0; step < 60; step++)
            {
                using var scope = NewDisposeScope();
                update.ClearGradients();
                var (mean, variance) = dense.forward(rows);
                var loss = convolutions.forward(images).square().mean()
                    + cells.call(series).Item1.square().mean()
                    + mean.square().mean()
                    + variance.square().mean();
                loss.backward();
                update.Apply();
                sum += loss.ToDouble();
            }
            // Two threads may add in another order.
            var digits = get_num_threads() == 1 ? "R" : "0.0000";
            Console.WriteLine($"trained {sum.ToString(digits, CultureInfo.InvariantCulture)}");
        }
        finally
        {
            System.IO.File.Delete(ready);
        }
    }
}
