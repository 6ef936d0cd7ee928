using System;
using System.IO;
using System.Linq;
using Hybrid.PropertyTests.Compiler;
using Hybrid.PropertyTests.Compiler.Roslyn;
using Xunit;

namespace Hybrid.PropertyTests.Systems.Cygno;

/// <summary>Options of ./hybrid cygno through the real process: each reaches what it names.</summary>
public sealed class CygnoOptionTests
{
    private const string Program = "hybrid-cygno.dll";

    [Fact]
    public void EveryOptionOfATraining_IsInItsRun()
    {
        using var sample = new SampleFolder(Program);
        string[] simulate = ["simulate", "--count", "8", "--size", "128", "--energies", "10,30"];
        sample.Ok([.. simulate, "--seed", "7", "--output", "images"]);
        sample.Ok([.. simulate, "--seed", "7", "--output", "again"]);
        sample.Ok([.. simulate, "--seed", "8", "--output", "other"]);
        Assert.Equal(Content("images"), Content("again"));
        Assert.NotEqual(Content("images"), Content("other"));

        string[] training =
        [
            "--network", "recoil", "--epochs", "1", "--batch", "8", "--learning-rate", "0.002", "--weight-decay", "0.003",
            "--energy-loss", "squared", "--energy-weight", "0.4", "--patience", "5", "--seed", "9", "--cache", "kept", "--threads", "1",
            "--device", "cpu", "--no-figures", "--output", "run",
        ];
        (string, object)[] expected =
        [
            ("network", "recoil"), ("epochs", 1), ("batchSize", 8), ("learningRate", 0.002), ("weightDecay", 0.003),
            ("energyLoss", "Squared"), ("energyWeight", 0.4), ("patience", 5), ("seed", 9), ("threads", 1), ("device", "cpu"),
        ];
        string[] train = ["train", "images", "--validation", "6", "--test", "0.4", "--stratified", "--strict", .. training];
        var output = sample.Ok(train);
        SavedOptions.Require(sample.At("run", "options.json"), expected);
        Assert.Matches(@"(?m)^\d+ images to train on, \d+ to choose the epoch, 1[0-6] that judge", output);
        Assert.NotEmpty(Directory.GetFiles(sample.At("kept"), "cache.json", SearchOption.AllDirectories));
        sample.Ok(
        [
            "run", "--images", "64", "--validation", "16", "--unseen", "32", "--energies", "10,30",
            .. training.Select(word => word == "0.4" ? "0.6" : word), "--overwrite",
        ]);
        SavedOptions.Require(sample.At("run", "options.json"), ("energyWeight", 0.6));

        // A file that cannot be read: left out with a word, or with --strict the end of the command.
        File.WriteAllBytes(sample.At("images", "cut_NR_10_keV.png"), [1, 2, 3]);
        var verified = sample.Ok("verify", "images", "--cache", "verified", "--output", "pictures");
        Assert.Contains("1 left out", verified, StringComparison.Ordinal);
        Assert.NotEmpty(Directory.GetFiles(sample.At("verified"), "cache.json", SearchOption.AllDirectories));
        foreach (var refused in (string[][])[["verify", "images", "--strict"], [.. train, "--overwrite"]])
        {
            var (code, _, errors) = sample.Run(refused);
            Assert.True(code == 1 && errors.Contains("cut_NR_10_keV.png", StringComparison.Ordinal), errors);
        }

        // Where scores are computed does not change them.
        string Scores(params string[] where)
        {
            sample.Ok(["score", "run", "other", .. where, "--output", "scores.csv"]);
            return File.ReadAllText(sample.At("scores.csv"));
        }
        Assert.Equal(Scores("--threads", "1"), Scores("--threads", "1", "--device", "cpu"));
        var (refusal, _, said) = sample.Run("score", "run", "other", "--device", "abacus");
        Assert.True(refusal == 1 && said.Contains("abacus", StringComparison.Ordinal), said);

        string[] Content(string folder)
            => [.. Directory.GetFiles(sample.At(folder), "*.png", SearchOption.AllDirectories).Order(StringComparer.Ordinal)
                .Select(path => Convert.ToHexString(System.Security.Cryptography.SHA256.HashData(File.ReadAllBytes(path))))];
    }

    [Fact]
    public void TheLimitAndTheRealism_DependOnTheirSeed()
    {
        using var sample = new SampleFolder(Program);
        string Limit(string seed) => sample.Ok("limit", "--images", "60", "--energies", "6,20", "--seed", seed);
        Assert.Equal(Limit("1"), Limit("1"));
        Assert.NotEqual(Limit("1"), Limit("2"));
        var weights = Repository.Path("..", "shared", "data", "cygno");
        Assert.SkipUnless(Directory.Exists(weights), $"{weights} is not here");
        var said = sample.Ok(
            "realism", weights, "--energies", "20", "--count", "2", "--seed", "4", "--threads", "1", "--device", "cpu");
        Assert.Matches(@"(?m)^nuclear    20 +\d+ % ", said);
        Assert.DoesNotMatch(@"(?m)^nuclear    10 ", said);
    }

    [Fact]
    public void NumbersOfEveryOption_AreReadWholeOrRefused_AllInOneAnswer()
    {
        using var sample = new SampleFolder(Program);
        string[] training =
            ["--epochs", "--batch", "--learning-rate", "--weight-decay", "--energy-weight", "--patience", "--seed", "--threads"];
        RefusedNumbers.Require(sample, ["train", "images"], [.. training, "--validation", "--test"]);
        RefusedNumbers.Require(sample, ["run"], [.. training, "--images", "--validation", "--unseen"]);
        RefusedNumbers.Require(
            sample, ["baselines"],
            ["--images", "--validation", "--unseen", "--exercise-epochs", "--published-epochs", "--seed", "--threads"]);
        RefusedNumbers.Require(
            sample, ["sweep"], ["--images", "--validation", "--epochs", "--learning-rate", "--weight-decay", "--seed", "--threads"]);
        RefusedNumbers.Require(
            sample, ["serve", "model.zip"], ["--every", "--batch", "--pending", "--most-pixels", "--threads"]);
    }

    [Theory]
    [InlineData(
        "cygno: --interleaved: expected it without --energies, got --energies 1,3.", "baselines", "--interleaved", "--energies", "1,3")]
    [InlineData("cygno: --resume and --overwrite: expected one of them, got both.", "baselines", "--resume", "--overwrite")]
    [InlineData("cygno: --threads: expected at least 1, got 0.", "baselines", "--threads", "0")]
    public void WhatDoesNotGoTogether_IsRefusedInOneLine(string message, params string[] arguments)
    {
        using var sample = new SampleFolder(Program);
        sample.Refuses(message, arguments);
    }
}
