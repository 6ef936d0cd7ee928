using System;
using System.IO;
using System.Linq;
using Hybrid.Data.Formats;
using Hybrid.PropertyTests.Compiler;
using Hybrid.PropertyTests.Compiler.Roslyn;
using Xunit;

namespace Hybrid.PropertyTests.Systems.LensFinding;

/// <summary>Options of ./hybrid lens-finding through the real process: each reaches what it names.</summary>
public sealed class LensFindingOptionTests
{
    private const string Program = "hybrid-lens-finding.dll";

    [Fact]
    public void EveryOptionOfASimulation_ReachesTheImages()
    {
        var data = Repository.Path("..", "shared", "data", "lens");
        Assert.SkipUnless(Directory.Exists(data), $"{data} is not here");
        using var sample = new SampleFolder(Program);
        string[] small =
        [
            "simulate", "--data", data, "--source", "6", "--target", "5", "--test", "4", "--size", "20", "--bands", "r i", "--cache",
            "cache",
        ];
        sample.Ok(
            [.. small, "--noise-free-source", "--impostors", "1", "--contrast", "0.7", "--fold", "1", "--seed", "3", "--output", "one"]);
        Assert.Equal([6, 2, 20, 20], Npy.Read(sample.At("one", "source.npy")).Shape);
        Assert.Equal([5, 2, 20, 20], Npy.Read(sample.At("one", "target.npy")).Shape);
        Assert.Equal([4, 2, 20, 20], Npy.Read(sample.At("one", "test.npy")).Shape);
        Assert.NotEmpty(Directory.GetFiles(sample.At("cache"), "cache.json", SearchOption.AllDirectories));
        // The same lenses with noise, as faint and noisy as the survey: other pixels.
        sample.Ok([.. small, "--gap", "brightness,noise", "--impostors", "1", "--contrast", "0.7", "--fold", "1", "--seed", "3", "--output",
            "two"]);
        Assert.NotEqual(Pixels("one", "source"), Pixels("two", "source"));
        Assert.Equal(Pixels("one", "test"), Pixels("two", "test"));
        sample.Ok([.. small, "--fold", "2", "--seed", "4", "--output", "three"]);
        Assert.NotEqual(Pixels("one", "test"), Pixels("three", "test"));

        byte[] Pixels(string folder, string part) => File.ReadAllBytes(sample.At(folder, $"{part}.npy"));
    }

    [Fact]
    public void EveryOptionOfATraining_IsInItsFolder_AndOtherOnesDoNotResumeIt()
    {
        var data = Repository.Path("..", "shared", "data", "lens");
        Assert.SkipUnless(Directory.Exists(data), $"{data} is not here");
        using var sample = new SampleFolder(Program);
        string[] train =
        [
            "train", "--data", data, "--method", "mmd", "--backbone", "small", "--source", "24", "--target", "24", "--test", "20", "--size",
            "20", "--bands", "g r", "--noise-free-source", "--impostors", "0.4", "--contrast", "0.8", "--gap", "brightness",
            "--preprocessing", "z-score", "--fold", "1", "--epochs", "1", "--batch", "8", "--learning-rate", "0.002", "--seed", "5",
            "--training-seed", "6", "--cache", "cache", "--threads", "1", "--device", "cpu", "--output", "finder",
        ];
        var last = Last(sample.Ok(train));
        SavedOptions.Require(
            sample.At("finder", "command.json"), ("method", "mmd"), ("backbone", "small"), ("source", 24), ("target", 24), ("test", 20),
            ("size", 20), ("bands", "g r"), ("sourceNoise", false), ("impostors", 0.4), ("contrast", 0.8), ("gap", "brightness"),
            ("preprocessing", "z-score"), ("fold", 1), ("epochs", 1), ("batchSize", 8), ("learningRate", 0.002), ("seed", 5), ("seed", 6),
            ("device", "cpu"));
        Assert.Equal(last, Last(sample.Ok([.. train, "--resume"])));
        // What stands there is of other options: it is not shown as what was asked for.
        var (code, _, errors) = sample.Run([.. train, "--resume", "--contrast", "1"]);
        Assert.True(code == 1, errors);
        var (resumed, _, said) = sample.Run([.. train.Select(word => word == "0.8" ? "1" : word), "--resume"]);
        Assert.True(
            resumed == 1 && said.StartsWith("lens-finding: --resume: expected the options that ", StringComparison.Ordinal)
                && said.Contains("got contrast 1 in place of 0.8.", StringComparison.Ordinal),
            said);
        sample.Ok([.. train.Select(word => word == "0.8" ? "1" : word), "--overwrite"]);
        SavedOptions.Require(sample.At("finder", "command.json"), ("contrast", 1));

        // A magnitude of zero that is another one, and a device that is not there.
        sample.Ok(
            "simulate", "--data", data, "--source", "2", "--target", "2", "--test", "6", "--size", "20", "--bands", "g r", "--cache",
            "cache", "--output", "images");
        string Scores(params string[] options)
        {
            File.Delete(sample.At("scores.csv"));
            sample.Ok(["score", "finder", sample.At("images", "test.npy"), .. options, "--threads", "1", "--output", "scores.csv"]);
            return File.ReadAllText(sample.At("scores.csv"));
        }
        Assert.Equal(Scores(), Scores("--zero-point", "30", "--device", "cpu"));
        // An image's z-scores do not depend on the unit of its fluxes.
        foreach (var (expected, actual) in Probabilities(Scores()).Zip(Probabilities(Scores("--zero-point", "27"))))
            Assert.InRange(actual, expected - 1e-4, expected + 1e-4);

        static string Last(string text) => text.TrimEnd('\n').Split('\n')[^1];
        static double[] Probabilities(string table)
            => [.. table.TrimEnd('\n').Split('\n').Skip(1).Select(
                row => double.Parse(row.Split(',')[1], System.Globalization.CultureInfo.InvariantCulture))];
    }

    [Fact]
    public void NumbersOfEveryOption_AreReadWholeOrRefused_AllInOneAnswer()
    {
        using var sample = new SampleFolder(Program);
        string[] domains =
        [
            "--source", "--target", "--test", "--size", "--impostors", "--contrast", "--epochs", "--batch", "--seed", "--threads",
        ];
        RefusedNumbers.Require(sample, ["compare"], [.. domains, "--folds", "--learning-rate"]);
        RefusedNumbers.Require(
            sample, ["train"],
            [.. domains, "--fold", "--learning-rate", "--training-seed", "--source-zero-point", "--target-zero-point"]);
        RefusedNumbers.Require(sample, ["search"], [.. domains, "--fold", "--trials", "--training-seed"]);
        RefusedNumbers.Require(sample, ["dark-matter"], [.. domains.Except(["--impostors", "--contrast"]), "--learning-rate"]);
        RefusedNumbers.Require(sample, ["score", "finder", "x.npy"], ["--zero-point", "--threads"]);
        RefusedNumbers.Require(sample, ["backbones"], ["--bands", "--size"]);
    }
}
