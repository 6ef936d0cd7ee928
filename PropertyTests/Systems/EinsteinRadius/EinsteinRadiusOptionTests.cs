using System;
using System.IO;
using System.Linq;
using Hybrid.Data.Formats;
using Hybrid.PropertyTests.Compiler;
using Hybrid.PropertyTests.Compiler.Roslyn;
using Xunit;

namespace Hybrid.PropertyTests.Systems.EinsteinRadius;

/// <summary>Options of ./hybrid einstein-radius through the real process: each reaches what it names.</summary>
public sealed class EinsteinRadiusOptionTests
{
    private const string Program = "hybrid-einstein-radius.dll";

    [Fact]
    public void EveryOption_ReachesTheTrainingTheImagesAndTheEstimates()
    {
        var data = Repository.Path("..", "shared", "data", "lens");
        Assert.SkipUnless(Directory.Exists(data), $"{data} is not here");
        using var sample = new SampleFolder(Program);
        string[] images = ["--data", data, "--preset", "quick", "--training", "12", "--adaptation", "12", "--test", "6", "--size", "24"];
        string[] train =
        [
            "train", .. images, "--technique", "huber", "--network", "small", "--training-set", "lenspop", "--preprocessing", "asinh",
            "--fold", "1", "--epochs", "1", "--batch", "6", "--learning-rate", "0.002", "--outer-labels", "7", "--epsilon", "0.4",
            "--draws", "3", "--seed", "5", "--training-seed", "6", "--cache", "cache", "--threads", "1", "--device", "cpu",
            "--output", "one",
        ];
        var last = Last(sample.Ok(train));
        SavedOptions.Require(
            sample.At("one", "options.json"), ("epochs", 1), ("batchSize", 6), ("learningRate", 0.002), ("outerLabels", 7),
            ("epsilon", 0.4), ("draws", 3), ("seed", 6));
        Assert.Equal(last, Last(sample.Ok([.. train, "--resume"])));
        sample.Ok([.. train.Select(word => word == "0.4" ? "0.5" : word), "--overwrite"]);
        SavedOptions.Require(sample.At("one", "options.json"), ("epsilon", 0.5));

        string[] simulate = ["simulate", .. images, "--cache", "cache"];
        sample.Ok([.. simulate, "--fold", "1", "--seed", "5", "--output", "fold-1"]);
        sample.Ok([.. simulate, "--fold", "0", "--seed", "5", "--output", "fold-0"]);
        Assert.Equal([6, 3, 24, 24], Npy.Read(sample.At("fold-1", "test.npy")).Shape);
        Assert.NotEqual(File.ReadAllBytes(sample.At("fold-1", "test.npy")), File.ReadAllBytes(sample.At("fold-0", "test.npy")));

        var estimates = 0;
        string Radii(params string[] options)
        {
            var table = $"radii-{estimates++}.csv";
            sample.Ok(["estimate", "one", sample.At("fold-1", "test.npy"), .. options, "--threads", "1", "--output", table]);
            return File.ReadAllText(sample.At(table));
        }
        Assert.Equal(Radii(), Radii("--zero-point", "30", "--pixel-scale", "0.263", "--device", "cpu"));
        Assert.NotEqual(Radii(), Radii("--zero-point", "27"));
        Assert.NotEqual(Radii(), Radii("--pixel-scale", "0.4"));

        static string Last(string text) => text.TrimEnd('\n').Split('\n')[^1];
    }

    [Theory]
    [InlineData("compare")]
    [InlineData("ablation")]
    [InlineData("train")]
    [InlineData("look")]
    public void FilesOfAChallenge_AreGivenWholeOrNotAtAll(string command)
    {
        using var sample = new SampleFolder(Program);
        string[][] challenges =
        [
            ["--challenge1", "--challenge1-catalogue", "--challenge1-zero-point"],
            ["--challenge2", "--challenge2-catalogue", "--challenge2-zero-point"],
        ];
        foreach (var (folder, catalogue, zeroPoint) in challenges.Select(names => (names[0], names[1], names[2])))
        {
            var together = $"einstein-radius: {folder}: expected {folder}, {catalogue} and {zeroPoint} together, got some of them.";
            sample.Refuses(together, [command, folder, "."]);
            sample.Refuses(together, [command, catalogue, "x.csv", zeroPoint, "25"]);
            sample.Refuses(
                $"einstein-radius: {catalogue}: {sample.At("x.csv")} is not there.",
                [command, folder, ".", catalogue, "x.csv", zeroPoint, "25"]);
        }
    }

    [Fact]
    public void NumbersOfEveryOption_AreReadWholeOrRefused_AllInOneAnswer()
    {
        using var sample = new SampleFolder(Program);
        string[] images = ["--training", "--adaptation", "--test", "--size", "--seed"];
        string[] training = [.. images, "--epochs", "--batch", "--learning-rate", "--threads"];
        RefusedNumbers.Require(
            sample, ["compare"],
            [
                .. training, "--folds", "--outer-labels", "--epsilon", "--adaptation-steps", "--draws", "--challenge1-zero-point",
                "--challenge2-zero-point",
            ]);
        RefusedNumbers.Require(sample, ["ablation"], [.. training, "--folds"]);
        RefusedNumbers.Require(
            sample, ["train"],
            [.. training, "--fold", "--outer-labels", "--epsilon", "--adaptation-steps", "--draws", "--training-seed"]);
        RefusedNumbers.Require(sample, ["simulate"], [.. images, "--fold"]);
        RefusedNumbers.Require(sample, ["look"], [.. images, "--fold", "--count"]);
        RefusedNumbers.Require(sample, ["estimate", "one", "x.npy"], ["--zero-point", "--pixel-scale", "--threads"]);
    }

    [Theory]
    [InlineData("einstein-radius: --training-set: expected one of union, lenspop, challenge1, challenge2, challenge2-unmatched, injection, "
        + "got 'x'.", "compare", "--training-set", "x")]
    [InlineData("einstein-radius: --seeds: expected seeds such as 1..10 or 1,4,7, got 'x'.", "ablation", "--seeds", "x")]
    [InlineData("einstein-radius: --resume and --overwrite: expected one of them, got both.", "compare", "--resume", "--overwrite")]
    public void WhatDoesNotGoTogether_IsRefusedInOneLine(string message, params string[] arguments)
    {
        using var sample = new SampleFolder(Program);
        sample.Refuses(message, arguments);
    }

    [Fact]
    public void EveryOptionOfAComparison_IsInItsRun_AndAnAblationHasItsRows()
    {
        var data = Repository.Path("..", "shared", "data", "lens");
        Assert.SkipUnless(Directory.Exists(data), $"{data} is not here");
        using var sample = new SampleFolder(Program);
        string[] small =
        [
            "--data", data, "--preset", "quick", "--training", "8", "--adaptation", "8", "--test", "6", "--size", "16", "--network",
            "small", "--folds", "1", "--seeds", "2", "--epochs", "1", "--batch", "4", "--learning-rate", "0.002", "--seed", "3", "--cache",
            "cache",
            "--threads", "1", "--device", "cpu",
        ];
        sample.Ok(
        [
            "compare", .. small, "--techniques", "constant,huber", "--training-set", "lenspop", "--preprocessing", "asinh",
            "--outer-labels", "5", "--epsilon", "0.3", "--draws", "2", "--leave-band-out", "--no-figures", "--output", "run",
        ]);
        SavedOptions.Require(
            sample.At("run", "options.json"), ("training", 8), ("adaptation", 8), ("test", 6), ("size", 16), ("network", "small"),
            ("folds", new[] { 0 }), ("seeds", new[] { 2 }), ("epochs", 1), ("batchSize", 4), ("learningRate", 0.002), ("seed", 3),
            ("set", "lenspop"), ("outerLabels", 5), ("epsilon", 0.3), ("draws", 2), ("device", "cpu"),
            ("techniques", new[] { "constant", "huber" }));
        Assert.Contains("withoutG", File.ReadAllText(sample.At("run", "dark-bands.json")), StringComparison.Ordinal);

        var (code, output, errors) = sample.Run(["ablation", .. small, "--output", "ablation"]);
        Assert.True(code == 0, output + errors);
        Assert.Equal(12, System.Text.RegularExpressions.Regex.Count(output, @"(?m)^fold 0, seed 2, "));
        Assert.True(File.Exists(sample.At("ablation", "ablation.json")), "no ablation.json");
        (code, _, errors) = sample.Run(["ablation", .. small, "--output", "ablation"]);
        Assert.True(code == 1 && errors.StartsWith("einstein-radius: --output: ", StringComparison.Ordinal), errors);
        var again = sample.Ok(["ablation", .. small, "--output", "ablation", "--resume"]);
        Assert.Equal(Rows(output), Rows(again));

        static string[] Rows(string text)
            => [.. text.Split('\n').SkipWhile(line => !line.StartsWith("training set", StringComparison.Ordinal)).SkipLast(2)];
    }
}
