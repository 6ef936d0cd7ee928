using System;
using System.Globalization;
using System.IO;
using System.Linq;
using System.Text.Json;
using Hybrid.Data.Formats;
using Hybrid.PropertyTests.Compiler;
using Hybrid.PropertyTests.Compiler.Roslyn;
using Xunit;

namespace Hybrid.PropertyTests.Systems.LensFinding;

/// <summary>./hybrid lens-finding as a researcher runs it; and what it refuses.</summary>
public sealed class LensFindingSample
{
    private const string Program = "hybrid-lens-finding.dll";

    [Fact]
    public void Methods_AreComparedOnUnseenGalaxies_AndAComparisonResumes()
    {
        var data = Repository.Path("..", "shared", "data", "lens");
        Assert.SkipUnless(Directory.Exists(data), $"{data} is not here");
        using var sample = new SampleFolder(Program);
        string[] compare =
        [
            "compare", "--data", data, "--source", "48", "--target", "48", "--test", "60", "--size", "24", "--epochs", "1", "--batch",
            "16", "--seeds", "1..2", "--methods", "source-only,adabn,adamatch,supervised", "--no-figures", "--threads", "1",
            "--impostors", "0.4", "--contrast", "0.9", "--gap", "noise", "--preprocessing", "asinh", "--seed", "3", "--device", "cpu",
            "--bands", "g r", "--folds", "1", "--preset", "quick", "--backbone", "small", "--cache", "cache", "--output", "run",
        ];
        var (code, output, errors) = sample.Run(compare);
        Assert.True(code == 0, output + errors);
        SavedOptions.Require(
            sample.At("run", "options.json"), ("source", 48), ("target", 48), ("test", 60), ("size", 24), ("epochs", 1), ("batchSize", 16),
            ("seeds", new[] { 1, 2 }), ("threads", 1), ("impostors", 0.4), ("contrast", 0.9), ("gap", "noise"),
            ("preprocessing", "asinh"), ("seed", 3), ("device", "cpu"), ("bands", "g r"), ("sourceNoise", true));
        Assert.Contains(
            "leak check: no image, test galaxy or test source in two of source 48, target 48, test 60\n", output,
            StringComparison.Ordinal);
        Assert.Matches(
            @"AUROC source-only \d\.\d{3}, best (adabn|adamatch) \d\.\d{3} "
                + @"\([+-]\d\.\d{3}, 95 % interval -?\d\.\d{3} to -?\d\.\d{3}\), supervised \d\.\d{3}; "
                + @"balanced accuracy \d\.\d\d, \d\.\d\d, \d\.\d\d\n$",
            output);
        using var comparison = JsonDocument.Parse(File.ReadAllText(sample.At("run", "comparison.json")));
        Assert.Equal(60, comparison.RootElement.GetProperty("testImages").GetInt32());

        // The same again is refused; resumed it reads what is there, to the last digit.
        (code, _, errors) = sample.Run(compare);
        Assert.True(code == 1 && errors.StartsWith("lens-finding: --output: ", StringComparison.Ordinal), errors);
        File.Delete(sample.At("run", "fold-0", "adamatch-seed-2", "evaluation.json"));
        var (again, second, problems) = sample.Run([.. compare, "--resume"]);
        Assert.True(again == 0, second + problems);
        Assert.Equal(LastLine(output), LastLine(second));
        (code, _, errors) = sample.Run([.. compare, "--resume", "--learning-rate", "0.1"]);
        const string Refused = "expected the options that the comparison began with";
        Assert.True(code == 1 && errors.Contains(Refused, StringComparison.Ordinal), errors);

        static string LastLine(string text) => text.TrimEnd('\n').Split('\n')[^1];
    }

    [Fact]
    public void Shards_DivideAComparisonAndASearch()
    {
        var data = Repository.Path("..", "shared", "data", "lens");
        Assert.SkipUnless(Directory.Exists(data), $"{data} is not here");
        using var sample = new SampleFolder(Program);
        string[] common =
        [
            "--data", data, "--source", "40", "--target", "40", "--test", "40", "--size", "24", "--batch", "16", "--epochs", "1",
            "--no-figures", "--threads", "1", "--cache", "cache",
        ];
        string[] compare = ["compare", .. common, "--seeds", "1..2", "--methods", "source-only,supervised", "--output", "run"];
        Assert.EndsWith(
            "2 trainings of other shards missing: run this again when they are done\n", sample.Ok([.. compare, "--shard", "1/2"]),
            StringComparison.Ordinal);
        var last = sample.Ok([.. compare, "--shard", "2/2"]).TrimEnd('\n').Split('\n')[^1];
        Assert.StartsWith("AUROC source-only ", last, StringComparison.Ordinal);

        string[] whole = [.. compare[..^1], "whole"];
        Assert.Equal(last, sample.Ok(whole).TrimEnd('\n').Split('\n')[^1]);

        string[] search =
        [
            "search", .. common, "--method", "mmd", "--strategy", "grid", "--rates", "0.001,0.01", "--factors", "1", "--criterion",
            "information", "--noise-free-source", "--impostors", "0.3", "--contrast", "0.8", "--gap", "brightness", "--preprocessing",
            "asinh", "--fold", "2", "--seed", "4", "--training-seed", "5", "--backbone", "small", "--bands", "g i", "--device", "cpu",
            "--output", "search",
        ];
        Assert.Contains(
            "1 trial of other shards missing: run this again when they are done\n", sample.Ok([.. search, "--shard", "1/2"]),
            StringComparison.Ordinal);
        var found = sample.Ok([.. search, "--shard", "2/2"]);
        Assert.Matches(
            @"\ninformation of 2 trials: learning rate 0\.0?01, weight 1, 1 epoch, AUROC 0\.\d{3}, .*; the best one 0\.\d{3}\n$", found);
        Assert.Equal(3, File.ReadAllLines(sample.At("search", "search.csv")).Length);
        SavedOptions.Require(
            sample.At("search", "search.json"), ("criterion", "information"), ("sourceNoise", false), ("impostors", 0.3), ("contrast", 0.8),
            ("gap", "brightness"), ("fold", 2), ("bands", "g i"), ("strategy", "grid"), ("rates", new[] { 0.001, 0.01 }),
            ("method", "mmd"));
        Assert.Equal(found.TrimEnd('\n').Split('\n')[^1], sample.Ok([.. search, "--resume"]).TrimEnd('\n').Split('\n')[^1]);
        var (code, _, errors) = sample.Run([.. search, "--trials", "3"]);
        Assert.True(code == 1 && errors.Contains("is of another search", StringComparison.Ordinal), errors);
    }

    /// <summary>Images of 20 pixels with a ring or without, brighter and noisier in the survey.</summary>
    private static void WriteOwn(SampleFolder sample)
    {
        var random = new Random(3);
        foreach (var (name, count, light) in new[] { ("sims", 60, 50.0), ("survey", 90, 80.0) })
        {
            var pixels = new float[count * 2 * 20 * 20];
            for (var i = 0; i < pixels.Length; i++)
            {
                var (image, x, y) = (i / 800, (i % 20) - 9.5, (i / 20 % 20) - 9.5);
                var r = Math.Sqrt((x * x) + (y * y));
                var ring = image % 2 == 1 ? 0.6 * light * Math.Exp(-(r - 6) * (r - 6)) : 0;
                pixels[i] = (float)((light * Math.Exp(-r / 2)) + ring + (light / 25 * random.NextDouble()));
            }
            Npy.Write(sample.At($"{name}.npy"), new NdArray<float>([count, 2, 20, 20], pixels));
        }
        File.WriteAllLines(
            sample.At("sims.csv"), ["path,target", .. Enumerable.Range(0, 60).Select(row => $"sims.npy:{row},{row % 2}")]);
        // Two thirds are adapted on, the last third judges.
        File.WriteAllLines(
            sample.At("survey.csv"),
            ["id,path,target,fold", .. Enumerable.Range(0, 90).Select(row => $"J{row},survey.npy:{row},{row % 2},{(row < 60 ? 1 : 0)}")]);
    }

    [Fact]
    public void AFinderOfOwnImages_IsTrained_Scores_IsExported_AndScoresTheSame()
    {
        using var sample = new SampleFolder(Program);
        WriteOwn(sample);
        string[] train =
        [
            "train", "--source-images", "sims.csv", "--target-images", "survey.csv", "--bands", "g r", "--size", "16", "--epochs", "2",
            "--batch", "20", "--threads", "1", "--cache", "cache", "--source-zero-point", "28", "--target-zero-point", "28", "--device",
            "cpu", "--output", "finder",
        ];
        var (code, output, errors) = sample.Run(train);
        Assert.True(code == 0, output + errors);
        Assert.Contains(
            "leak check: no image, test galaxy or test source in two of source 60, target 60, test 30\n", output, StringComparison.Ordinal);
        Assert.Matches(@"AUROC \d\.\d{4} \(.*\), balanced accuracy \d\.\d{3} on 30 unseen images\n$", output);

        (code, output, errors) = sample.Run(["score", "finder", "survey.csv", "-o", "scores.csv", "--threads", "1"]);
        Assert.True(code == 0 && output == "90 images scored in scores.csv, 0 left out\n", output + errors);
        var scores = File.ReadAllText(sample.At("scores.csv"));
        Assert.StartsWith("id,probability,score\nJ0,0.", scores, StringComparison.Ordinal);

        // Interrupted within a line, it continues and gives the same.
        File.WriteAllText(sample.At("again.csv.part"), scores[..(scores.IndexOf("J50,", StringComparison.Ordinal) + 7)]);
        (code, output, errors) = sample.Run(["score", "finder", "survey.csv", "-o", "again.csv", "--threads", "1"]);
        Assert.True(code == 1 && errors.Contains("is of a scoring that was interrupted", StringComparison.Ordinal), errors);
        (code, output, errors) = sample.Run(["score", "finder", "survey.csv", "-o", "again.csv", "--threads", "1", "--resume"]);
        Assert.True(code == 0, output + errors);
        Assert.Equal(Numbers(scores), Numbers(File.ReadAllText(sample.At("again.csv"))));

        (code, output, errors) = sample.Run(["export", "finder", "-o", "finder.zip"]);
        Assert.True(code == 0, output + errors);
        (code, output, errors) = sample.Run(["score", "finder.zip", "survey.csv", "-o", "of-archive.csv", "--threads", "1"]);
        Assert.True(code == 0, output + errors);
        Assert.Equal(scores, File.ReadAllText(sample.At("of-archive.csv")));
        // A service takes grey frames.
        (code, _, errors) = sample.Run(["serve", "finder.zip", "--listen", "127.0.0.1:0"]);
        const string OneBand = "expected a model of one band, whose frames can be served, got 2 bands.";
        Assert.True(code == 1 && errors.Contains(OneBand, StringComparison.Ordinal), errors);

        // An unlabelled source, and images that judge and train.
        (code, _, errors) = sample.Run([.. train[..2], "survey.npy", .. train[3..^1], "other"]);
        Assert.True(
            code == 1 && errors.Contains("survey.npy: expected a label for each image, a CSV file with the columns path and target.",
                StringComparison.Ordinal),
            errors);
        (code, _, errors) = sample.Run([.. train[..^1], "leaky", "--test-images", "sims.csv"]);
        Assert.True(code == 1 && errors.Contains("source", StringComparison.Ordinal), errors);

        // The last digit depends on what else is in a batch.
        static (string, double)[] Numbers(string text)
            => [.. text.Split('\n', StringSplitOptions.RemoveEmptyEntries).Skip(1).Select(line => line.Split(','))
                .Select(cells => (cells[0], Math.Round(double.Parse(cells[2], CultureInfo.InvariantCulture), 3)))];
    }

    [Fact]
    public void DarkMatter_IsComparedAndResumes()
    {
        using var sample = new SampleFolder(Program);
        string[] compare =
        [
            "dark-matter", "--source", "48", "--target", "48", "--test", "30", "--size", "24", "--epochs", "1", "--batch", "16", "--seeds",
            "1", "--methods", "source-only,adabn,mmd,supervised", "--source-model", "I", "--target-model", "III", "--learning-rate",
            "0.002", "--backbone", "small", "--device", "cpu", "--seed", "1", "--no-figures", "--threads", "1", "--cache", "cache",
            "--output", "run",
        ];
        var (code, output, errors) = sample.Run(compare);
        Assert.True(code == 0, output + errors);
        SavedOptions.Require(
            sample.At("run", "options.json"), ("sourceModel", "I"), ("targetModel", "III"), ("learningRate", 0.002), ("source", 48),
            ("target", 48), ("test", 30), ("size", 24), ("device", "cpu"));
        const string Last = @"accuracy source-only \d\.\d{3}, adabn \d\.\d{3}, best (adabn|mmd) \d\.\d{3} \([+-]\d\.\d{3}, "
            + @"95 % interval -?\d\.\d{3} to -?\d\.\d{3}\), supervised \d\.\d{3}\n$";
        Assert.Matches(Last, output);
        var (again, second, problems) = sample.Run([.. compare, "--resume"]);
        Assert.True(again == 0, second + problems);
        Assert.Equal(output.TrimEnd('\n').Split('\n')[^1], second.TrimEnd('\n').Split('\n')[^1]);
        (code, _, errors) = sample.Run([.. compare, "--resume", "--overwrite"]);
        Assert.Equal((1, "lens-finding: --resume and --overwrite: expected one of them, got both.\n"), (code, errors));
        string[] other = [.. compare];
        other[Array.IndexOf(other, "--seed") + 1] = "2";
        (code, _, errors) = sample.Run([.. other, "--resume"]);
        Assert.True(code == 1 && errors.Contains("expected the options that the comparison began with", StringComparison.Ordinal), errors);
    }

    [Fact]
    public void Backbones_AreListedWithWhatTheyCost()
    {
        using var sample = new SampleFolder(Program);
        var (code, output, errors) = sample.Run(["backbones", "--size", "44"]);
        Assert.True(code == 0, output + errors);
        Assert.Contains("\nsmall                 43,128        8 ", output, StringComparison.Ordinal);
        Assert.Contains("\nresnet18          11,307,841      188  resnet18 ", output, StringComparison.Ordinal);
        Assert.Equal(13, output.TrimEnd('\n').Split('\n').Length);
        var five = sample.Ok("backbones", "--size", "44", "--bands", "5");
        Assert.NotEqual(output, five); // the first layer has more weights
    }

    [Theory]
    [InlineData("lens-finding: --backbone: expected one of small, efficientnet-b2, densenet121, resnet18, resnet34, resnet34d, "
        + "equivariant, equivariant-d2, equivariant-c4, equivariant-d4, vit, got 'vgg'.", "compare", "--backbone", "vgg")]
    [InlineData("lens-finding: --size: equivariant-d4 takes images of multiples of 4 from 16 pixels each way, got 42.", "compare",
        "--backbone", "equivariant-d4", "--size", "42")]
    [InlineData("lens-finding: --weights: expected one --backbone, whose weights they are, got 2.", "compare", "--backbone",
        "resnet18,small", "--weights", "x.pth")]
    [InlineData("lens-finding: --target-images: expected both, labelled images and those of the survey, got one alone.", "train",
        "--source-images", "a.csv")]
    [InlineData("lens-finding: --strategy: expected grid, random or halving, got 'luck'.", "search", "--strategy", "luck")]
    [InlineData("lens-finding: --factors: expected numbers > 0 with commas in between, got '0,1'.", "search", "--factors", "0,1")]
    [InlineData("lens-finding: --shard: expected --output, the folder that all shards share, got none.", "compare", "--shard", "1/2")]
    [InlineData("lens-finding: --source-model: expected I, II or III, got 'IV'.", "dark-matter", "--source-model", "IV")]
    [InlineData("lens-finding: --test: expected at least 6 images, got 2.", "dark-matter", "--test", "2")]
    [InlineData("lens-finding: --preset: expected quick or full, got 'slow'.", "compare", "--preset", "slow")]
    [InlineData("lens-finding: --epochs: expected at least 1, got 0.", "compare", "--epochs", "0")]
    [InlineData("lens-finding: --folds: expected 1 to 3, got 4.", "compare", "--folds", "4")]
    [InlineData("lens-finding: --size: expected 16 to 79 pixels, got 8.", "compare", "--size", "8")]
    [InlineData("lens-finding: --bands: expected different bands of g, r and i, got 'g g'.", "compare", "--bands", "g g")]
    [InlineData("lens-finding: --source: expected at least 2 images, got 1.", "compare", "--source", "1")]
    [InlineData("lens-finding: --resume and --overwrite: expected one of them, got both.", "compare", "--resume", "--overwrite")]
    [InlineData("lens-finding: --methods: adda begins with source-only; name that too.", "compare", "--methods", "adda")]
    public void WhatIsNotUnderstood_IsRefusedInOneLine(string message, params string[] arguments)
    {
        using var sample = new SampleFolder(Program);
        sample.Refuses(message, arguments);
    }
}
