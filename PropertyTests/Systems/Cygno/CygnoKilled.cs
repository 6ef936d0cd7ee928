using System;
using System.Diagnostics;
using System.IO;
using System.Linq;
using System.Threading;
using Hybrid.PropertyTests.Compiler;
using Xunit;

namespace Hybrid.PropertyTests.Systems.Cygno;

/// <summary>./hybrid cygno run, killed while it trains: what is resumed ends as if nothing had happened.</summary>
public sealed class CygnoKilled
{
    private const string Program = "hybrid-cygno.dll";

    [Fact]
    public void KilledTraining_ResumesBitForBit()
    {
        var seed = Environment.TickCount & 0xFFFF;
        if (!OperatingSystem.IsLinux()) Assert.Skip("sends Linux's signals");
        using var sample = new SampleFolder(Program);
        string[] run =
        [
            "run", "--images", "160", "--validation", "20", "--unseen", "40", "--energies", "6,20", "--epochs", "10", "--batch", "14",
            "--seed", $"{seed}", "--threads", "1", "--no-figures", "--cache", "cache",
        ];
        sample.Ok([.. run, "--output", "whole"]);

        // Killed after some of the epochs, and again after some more; where in an epoch, chance says.
        var random = new Random(seed);
        var killed = 0;
        foreach (var epochs in (int[])[random.Next(1, 4), random.Next(4, 8)])
            if (KilledAfter(epochs, random.Next(0, 40))) killed++;
        Assert.True(killed > 0, "both runs ended before they were killed");
        var output = sample.Ok([.. run, "--output", "killed", "--resume"]);
        Assert.Matches(@"AUC [01]\.\d{4} ", output);
        foreach (var name in (string[])["weights.safetensors", "scores.csv", "first-epoch.csv"])
        {
            Assert.True(
                File.ReadAllBytes(sample.At("whole", name)).AsSpan().SequenceEqual(File.ReadAllBytes(sample.At("killed", name))),
                $"seed {seed}: {name} is not that of the run that nothing interrupted");
        }
        Assert.Equal(10, File.ReadLines(sample.At("killed", "history.jsonl")).Count());

        bool KilledAfter(int epochs, int milliseconds)
        {
            using var process = Process.Start(
                new ProcessStartInfo(
                    "dotnet", [Path.Combine(AppContext.BaseDirectory, Program), .. run, "--output", "killed", "--resume"])
                {
                    WorkingDirectory = sample.Path, RedirectStandardOutput = true, RedirectStandardError = true,
                })!;
            var errors = process.StandardError.ReadToEndAsync();
            _ = process.StandardOutput.ReadToEndAsync();
            var history = sample.At("killed", "history.jsonl");
            while (!process.HasExited && Lines(history) < epochs) Thread.Sleep(5);
            Thread.Sleep(milliseconds);
            process.Kill(); // SIGKILL
            process.WaitForExit();
            if (process.ExitCode == 0) return false;
            Assert.True(process.ExitCode == 128 + 9, $"seed {seed}: expected to be killed, ended with {process.ExitCode}: {errors.Result}");
            return true;
        }

        static int Lines(string path)
        {
            try
            {
                using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
                using var reader = new StreamReader(file);
                return reader.ReadToEnd().Count(letter => letter == '\n');
            }
            catch (IOException)
            {
                return 0; // not there yet
            }
        }
    }
}
