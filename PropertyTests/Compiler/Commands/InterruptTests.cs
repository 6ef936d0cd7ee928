using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.Globalization;
using System.IO;
using System.Linq;
using System.Runtime.InteropServices;
using System.Threading;
using Xunit;

namespace Hybrid.PropertyTests.Compiler.Commands;

/// <summary>
/// Every command, interrupted at a random moment: it ends as promised, leaves nothing corrupt, and given again it ends with the files of a
/// run that nothing interrupted, bit for bit. A seeded sample; HYBRID_TEST_ALL=1 takes a hundred moments of each kind for each command, or
/// as many as HYBRID_INTERRUPTS says.
/// </summary>
public sealed class InterruptTests
{
    /// <summary>Milliseconds within which a command that is asked to end does so.</summary>
    private const int MostToEnd = 60_000;

    /// <summary>Where the moments of a sample come from; printed with each failure.</summary>
    private static readonly int _seed
        = Environment.GetEnvironmentVariable("HYBRID_SEED") is { Length: > 0 } text ? text.GetHashCode(StringComparison.Ordinal) & 0xFFFF
            : Environment.TickCount & 0xFFFF;

    private static bool TakesAll => Environment.GetEnvironmentVariable("HYBRID_TEST_ALL") is { Length: > 0 };

    private static int Moments
        => Environment.GetEnvironmentVariable("HYBRID_INTERRUPTS") is { Length: > 0 } text ? int.Parse(text, CultureInfo.InvariantCulture)
            : 100;

    /// <summary>The five kinds, each with a command that the seed chooses.</summary>
    [Fact]
    public void CommandsInterruptedAtRandomMoments_EndAsPromised()
    {
        if (!OperatingSystem.IsLinux()) Assert.Skip("sends Linux's signals");
        var random = new Random(_seed);
        var commands = Interruptible.All.Where(command => command.Data is null).OrderBy(_ => random.Next()).ToArray();
        foreach (var (kind, i) in Enum.GetValues<Interruption>().Select((kind, i) => (kind, i)))
            Try(commands[i % commands.Length], [kind], 1, random);
    }

    /// <summary>All of them.</summary>
    public static TheoryData<string> Names => new(Interruptible.All.Select(command => command.Name));

    [Theory]
    [MemberData(nameof(Names))]
    public void EveryCommand_OutlivesInterruptionsOfEveryKind(string name)
    {
        Assert.SkipUnless(TakesAll, "runs for hours; HYBRID_TEST_ALL=1, or ./hybrid test --all, takes it");
        if (!OperatingSystem.IsLinux()) Assert.Skip("sends Linux's signals");
        var command = Interruptible.All.Single(one => one.Name == name);
        Assert.SkipUnless(command.Data is not { } data || Path.Exists(data), $"{command.Data} is not here");
        var text = Try(command, Enum.GetValues<Interruption>(), Moments, new Random(_seed));
        TestContext.Current.TestOutputHelper!.WriteLine(text);
        if (Environment.GetEnvironmentVariable("HYBRID_INTERRUPTS_LOG") is { Length: > 0 } log) File.AppendAllText(log, text + "\n");
    }

    /// <summary>Interrupts a command so often by each kind; what came of it in a line.</summary>
    private static string Try(Interruptible command, IReadOnlyList<Interruption> kinds, int moments, Random random)
    {
        using var folder = new SampleFolder(command.Program);
        command.Prepare?.Invoke(folder);
        var clock = Stopwatch.StartNew();
        var (code, output, errors) = Start(command, folder, "whole", resumes: false).End(Timeout.Infinite);
        Assert.True(code == 0, $"{command}: {output}{errors}");
        var lasts = (int)clock.ElapsedMilliseconds;
        var expected = Contents(command, folder, "whole");
        Assert.NotEmpty(expected);

        var (number, interrupted) = (0, kinds.ToDictionary(kind => kind, _ => 0));
        for (var i = 0; i < moments; i++)
        {
            foreach (var kind in kinds)
            {
                var moment = random.Next((int)(1.05 * lasts));
                var trial = $"trial-{number++}";
                var place = $"{command}, {kind} after {moment} of {lasts} ms (seed {_seed}, trial {number})";
                if (Once(command, folder, trial, kind, moment, place)) interrupted[kind]++;
                Assert.Equal(expected.Keys, Contents(command, folder, trial).Keys);
                foreach (var (name, content) in Contents(command, folder, trial))
                    Assert.True(content == expected[name], $"{place}: {name} is not that of a run that nothing interrupted");
                var left = Leftovers(folder, trial);
                Assert.True(left.Length == 0, $"{place}: left over: {string.Join(", ", left)}");
                foreach (var of in (string[])[$"out-{trial}", $"cache-{trial}"])
                    if (Directory.Exists(folder.At(of))) Directory.Delete(folder.At(of), recursive: true);
            }
        }
        var counts = string.Join(", ", kinds.Select(kind => $"{kind} {interrupted[kind]} of {moments}"));
        return $"{command}: interrupted while it ran: {counts}; all results bit-equal";
    }

    /// <returns>Whether it still ran when it was interrupted.</returns>
    private static bool Once(Interruptible command, SampleFolder folder, string trial, Interruption kind, int moment, string place)
    {
        var running = Start(command, folder, trial, resumes: command.Resumes);
        var ran = !running.Process.WaitForExit(moment);
        if (ran) Send(running.Process.Id, kind);
        var (code, output, errors) = running.End(MostToEnd);
        Assert.True(code != int.MinValue, $"{place}: it did not end within {MostToEnd / 1000} s: {output}{errors}");
        // By the signal itself where the handlers did not stand yet; 1 where nothing was done yet that could be kept.
        int[] ends = kind switch
        {
            Interruption.Kill => [0, 128 + 9],
            Interruption.CtrlC => [0, 1, 130],
            Interruption.Terminate => [0, 1, 130, 128 + 15],
            _ => [0],
        };
        Assert.True(ends.Contains(code), $"{place}: it ended with {code}: {output}{errors}");
        Assert.False(errors.Contains("   at ", StringComparison.Ordinal), $"{place}: a stack trace: {errors}");
        Assert.True(code != 1 || errors.Contains("stopped", StringComparison.Ordinal), $"{place}: it failed: {errors}");
        if (kind is Interruption.Resize or Interruption.Suspend) return ran;

        // What was finished is not begun again: a whole folder that takes no --resume.
        if (!command.Resumes && code == 0 && !errors.Contains("stopped", StringComparison.Ordinal)) return ran;
        (code, output, errors) = Start(command, folder, trial, resumes: command.Resumes).End(Timeout.Infinite);
        Assert.True(code == 0, $"{place}: given again it ended with {code}: {output}{errors}");
        return ran;
    }

    /// <summary>A command that runs; what it prints is read as it comes.</summary>
    private sealed class Running(Process process)
    {
        private readonly System.Threading.Tasks.Task<string> _errors = process.StandardError.ReadToEndAsync();
        private readonly System.Threading.Tasks.Task<string> _output = process.StandardOutput.ReadToEndAsync();

        public Process Process => process;

        /// <summary>Waits for the end; the code is int.MinValue where it does not come, and the process is then killed.</summary>
        public (int Code, string Output, string Errors) End(int milliseconds)
        {
            using (process)
            {
                var ended = process.WaitForExit(milliseconds);
                if (!ended) process.Kill();
                process.WaitForExit();
                return (ended ? process.ExitCode : int.MinValue, _output.Result, _errors.Result);
            }
        }
    }

    private static Running Start(Interruptible command, SampleFolder folder, string trial, bool resumes)
    {
        var arguments = command.Arguments.Select(word => word is "out" or "cache" ? $"{word}-{trial}"
            : word.StartsWith("out/", StringComparison.Ordinal) ? $"out-{trial}/{word[4..]}" : word);
        var start = new ProcessStartInfo(
            "dotnet", [Path.Combine(AppContext.BaseDirectory, command.Program), .. arguments, .. resumes ? (string[])["--resume"] : []])
        {
            WorkingDirectory = folder.Path, RedirectStandardOutput = true, RedirectStandardError = true,
        };
        foreach (var variable in (string[])["OMP_NUM_THREADS", "MKL_NUM_THREADS"]) start.Environment[variable] = "1";
        return new Running(Process.Start(start)!);
    }

    private static void Send(int process, Interruption kind)
    {
        switch (kind)
        {
            case Interruption.Suspend:
                // A process of a group without a terminal is not stopped by SIGTSTP, so SIGSTOP follows.
                _ = Kill(process, 20);
                _ = Kill(process, 19);
                Thread.Sleep(50);
                _ = Kill(process, 18);
                break;
            default:
                _ = Kill(process, kind switch { Interruption.Kill => 9, Interruption.CtrlC => 2, Interruption.Terminate => 15, _ => 28 });
                break;
        }
    }

    /// <summary>Hashes of the results, by their paths.</summary>
    private static SortedDictionary<string, string> Contents(Interruptible command, SampleFolder folder, string trial)
    {
        var root = folder.At($"out-{trial}");
        var contents = new SortedDictionary<string, string>(StringComparer.Ordinal);
        foreach (var result in command.Results.Select(name => Path.GetFullPath(Path.Combine(root, name))))
        {
            var files = File.Exists(result) ? [result]
                : Directory.Exists(result) ? Directory.GetFiles(result, "*", SearchOption.AllDirectories) : [];
            foreach (var file in files)
                contents[Path.GetRelativePath(root, file)]
                    = Convert.ToHexString(System.Security.Cryptography.SHA256.HashData(File.ReadAllBytes(file)));
        }
        return contents;
    }

    /// <summary>Half files and folders beside and below what a trial wrote.</summary>
    private static string[] Leftovers(SampleFolder folder, string trial)
        => [.. Directory.EnumerateFileSystemEntries(folder.Path, $"*-{trial}*")
            .Concat(((string[])[$"out-{trial}", $"cache-{trial}"]).Select(name => folder.At(name)).Where(Directory.Exists)
                .SelectMany(path => Directory.EnumerateFileSystemEntries(path, "*", SearchOption.AllDirectories)))
            .Where(path => path.EndsWith(".part", StringComparison.Ordinal) || path.EndsWith(".pieces", StringComparison.Ordinal))];

    [DllImport("libc", EntryPoint = "kill")]
    private static extern int Kill(int process, int signal);
}
