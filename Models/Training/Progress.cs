using System;
using System.Diagnostics;
using System.IO;

namespace Hybrid.Models.Training;

/// <summary>Ready-made receivers of a fit's progress.</summary>
public static class Progress
{
    private static readonly TimeSpan _pause = TimeSpan.FromMilliseconds(100);

    /// <summary>
    /// Shows a fit as it runs: in a terminal one line that renews itself, with a bar of the epoch's batches; elsewhere a line for each of
    /// <paramref name="lines"/> parts of the epochs.
    /// </summary>
    /// <param name="writer">Where to; null is the standard error stream, so that results can be piped.</param>
    /// <param name="lines">About how many lines where the output is not a terminal, ≥ 1.</param>
    public static IProgress<FitProgress> Console(TextWriter? writer = null, int lines = 20) => Console(Describe, writer, lines);

    /// <summary>The same with a line of one's own for each epoch.</summary>
    /// <param name="describe">The line of an epoch that ended.</param>
    /// <param name="writer">Where to; null is the standard error stream.</param>
    /// <param name="lines">About how many lines where the output is not a terminal, ≥ 1.</param>
    public static IProgress<FitProgress> Console(Func<FitProgress, EpochRecord, string> describe, TextWriter? writer = null, int lines = 20)
    {
        ArgumentNullException.ThrowIfNull(describe);
        if (lines < 1) throw new ArgumentOutOfRangeException(nameof(lines), $"Progress.Console: expected at least 1 line, got {lines}.");
        var renews = writer is null || ReferenceEquals(writer, System.Console.Error) ? !System.Console.IsErrorRedirected
            : ReferenceEquals(writer, System.Console.Out) && !System.Console.IsOutputRedirected;
        return new ConsoleProgress(writer ?? System.Console.Error, renews, lines, describe);
    }

    private static string Describe(FitProgress fit, EpochRecord epoch)
    {
        var width = $"{fit.Epochs}".Length;
        var validation = epoch.ValidationLoss is { } loss ? FormattableString.Invariant($"  validation {loss:g4}") : "";
        return FormattableString.Invariant($"epoch {epoch.Epoch.ToString().PadLeft(width)}/{fit.Epochs}  loss {epoch.TrainingLoss:g4}")
            + FormattableString.Invariant($"{validation}  rate {epoch.LearningRate:0.0e+0}  {epoch.Seconds:0.0} s");
    }

    private sealed class ConsoleProgress(
        TextWriter writer, bool renews, int lines, Func<FitProgress, EpochRecord, string> describe) : IProgress<FitProgress>
    {
        private readonly Stopwatch _clock = Stopwatch.StartNew();
        private TimeSpan _shown = -_pause;
        private string _last = "";

        public void Report(FitProgress value)
        {
            if (value.Notice is { } notice) writer.WriteLine(notice);
            else if (value.Result is not null)
            {
                if (renews) Show($"{_last}\n");
            }
            else if (value.Finished is { } epoch) End(value, epoch);
            else if (renews && _clock.Elapsed - _shown >= _pause) Show($"{_last}{(_last.Length > 0 ? "  " : "")}{Bar(value)}");
        }

        private void End(FitProgress fit, EpochRecord epoch)
        {
            _last = describe(fit, epoch);
            if (renews)
            {
                if (_clock.Elapsed - _shown >= _pause) Show(_last);
            }
            else if (epoch.Epoch == fit.Epochs || epoch.Epoch == 1 || epoch.Epoch % Math.Max(1, fit.Epochs / lines) == 0)
            {
                writer.WriteLine(_last);
            }
        }

        private void Show(string line)
        {
            _shown = _clock.Elapsed;
            writer.Write($"\r\u001b[K{line}");
            writer.Flush();
        }

        private static string Bar(FitProgress fit)
        {
            const int Width = 20;
            if (fit.Batches is not { } batches || batches <= 1) return FormattableString.Invariant($"step {fit.Step}  loss {fit.Loss:g4}");
            var done = Math.Clamp(Width * fit.Batch / batches, 0, Width);
            return FormattableString.Invariant(
                $"[{new string('=', done)}{new string(' ', Width - done)}] {fit.Batch}/{batches}  loss {fit.Loss:g4}");
        }
    }
}
