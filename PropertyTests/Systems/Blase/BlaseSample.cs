using System;
using System.IO;
using System.Linq;
using System.Text.Json;
using Hybrid.PropertyTests.Compiler;
using Hybrid.PropertyTests.Compiler.Roslyn;
using Xunit;

namespace Hybrid.PropertyTests.Systems.Blase;

/// <summary>./hybrid blase as a user runs it, with what a cluster adds: shards of a set, and of a training with many seeds.</summary>
public sealed class BlaseSample
{
    private static readonly string _spectra = Repository.Path("..", "shared", "data", "seds", "leptonic_1k.csv.gz");

    [Fact]
    public void ASet_IsTheSameFromAnyNumberOfShards_AndTrainsWithManySeeds()
    {
        Assert.SkipUnless(File.Exists(_spectra), $"{_spectra} is not there");
        var folder = Directory.CreateTempSubdirectory("hybrid-blase-");
        try
        {
            // ---- simulate -------------------------------------------------------------------------------------------------
            string[] set = ["simulate", "--count", "1100", "--seed", "3", "--spectra", _spectra, "--reference", "nowhere"];
            var (code, output, errors) = Run(folder.FullName, [.. set, "--output", "whole"]);
            Assert.True(code == 0 && output.Contains("1100 SEDs in whole", StringComparison.Ordinal), output + errors);
            (code, output, errors) = Run(folder.FullName, [.. set, "--output", "parts", "--shard", "2/2"]);
            Assert.True(
                code == 0 && output.Contains("shard 2/2 is done; parts.pieces lacks 2 pieces of other shards", StringComparison.Ordinal),
                output + errors);
            Assert.False(Directory.Exists(Path.Combine(folder.FullName, "parts")), "a set stands there before it is complete");
            (code, _, errors) = Run(folder.FullName, ["simulate", "--count", "1200", "--spectra", _spectra, "--output", "parts"]);
            Assert.True(code == 1 && errors.Contains("holds pieces of another set", StringComparison.Ordinal), errors);
            // As a task of a SLURM array.
            (code, output, errors) = DotnetProcess.Run(
                folder.FullName, [_program, .. set, "--output", "parts"], ("SLURM_ARRAY_TASK_ID", "7"), ("SLURM_ARRAY_TASK_MIN", "7"),
                ("SLURM_ARRAY_TASK_COUNT", "2"));
            Assert.True(code == 0 && output.Contains("1100 SEDs in parts", StringComparison.Ordinal), output + errors);
            Assert.Equal(Files("whole"), Files("parts"));
            (code, _, errors) = Run(folder.FullName, [.. set, "--output", "whole"]);
            Assert.True(code == 1 && errors.StartsWith("blase: whole: there is something already.", StringComparison.Ordinal), errors);
            (code, _, errors) = Run(folder.FullName, [.. set, "--output", "other", "--shard", "3/2"]);
            Assert.Equal((1, "blase: --shard: expected a shard such as 2/8 (the second of eight), got '3/2'."), (code, errors.Trim()));

            // ---- train with many seeds ------------------------------------------------------------------------------------
            string[] train =
            [
                "train", "whole", "--epochs", "1", "--bags", "2", "--members", "1", "--no-figures", "--seeds", "1..2", "--output", "runs",
            ];
            (code, output, errors) = Run(folder.FullName, [.. train, "--shard", "1/2"]);
            Assert.True(
                code == 0 && output.Contains("shard 1/2 is done; 1 of 2 runs of other shards are missing", StringComparison.Ordinal),
                output + errors);
            (code, _, errors) = Run(folder.FullName, "merge", "runs");
            Assert.Equal((1, "blase: runs: expected 2 runs, 1 missing: seed 2. Do their shards first."), (code, errors.Trim()));
            (code, output, errors) = Run(folder.FullName, train);
            Assert.True(code == 0 && output.Contains("seed 1: done before", StringComparison.Ordinal), output + errors);
            using var campaign = JsonDocument.Parse(File.ReadAllText(Path.Combine(folder.FullName, "runs", "campaign.json")));
            var coverage = campaign.RootElement.GetProperty("metrics").EnumerateObject()
                .First(metric => metric.Name.Contains("inside", StringComparison.OrdinalIgnoreCase)
                    || metric.Name.Contains("coverage", StringComparison.OrdinalIgnoreCase))
                .Value;
            var values = coverage.GetProperty("values").EnumerateArray().Select(value => value.GetDouble()).ToArray();
            Assert.Equal(2, values.Length);
            Assert.Equal(values.Average(), coverage.GetProperty("mean").GetDouble(), 1e-12);

            // ---- estimate by one of them ----------------------------------------------------------------------------------
            (code, output, errors) = Run(
                folder.FullName, "estimate", "whole", "--model", Path.Combine("runs", "seed-2"), "--silent", "--output", "estimates.csv");
            Assert.True(code == 0, output + errors);
            Assert.Equal(1101, File.ReadAllLines(Path.Combine(folder.FullName, "estimates.csv")).Length);
        }
        finally
        {
            folder.Delete(recursive: true);
        }

        (string Name, string Content)[] Files(string set)
        {
            var root = Path.Combine(folder.FullName, set);
            return Directory.GetFiles(root, "*", SearchOption.AllDirectories)
                .Select(path => (
                    Path.GetRelativePath(root, path),
                    Convert.ToHexString(System.Security.Cryptography.SHA256.HashData(File.ReadAllBytes(path)))))
                .Order()
                .ToArray();
        }
    }

    private static readonly string _program = Path.Combine(AppContext.BaseDirectory, "hybrid-blase.dll");

    private static (int Code, string Output, string Errors) Run(string folder, params string[] arguments)
        => DotnetProcess.Run(folder, [_program, .. arguments]);
}
