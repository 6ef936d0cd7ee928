using System;
using System.Globalization;
using System.IO;
using System.Linq;
using System.Text.Json;
using Hybrid.PropertyTests.Compiler;
using Xunit;

namespace Hybrid.PropertyTests.Systems.Cygno;

/// <summary>./hybrid cygno as a student runs it: images, training, scores; and what it refuses.</summary>
public sealed class CygnoSample
{
    private const string Program = "hybrid-cygno.dll";

    [Fact]
    public void TheExercise_RunsFromImagesToScores()
    {
        using var sample = new SampleFolder(Program);
        var (code, output, errors) = sample.Run("simulate", "--count", "30", "--size", "128", "--energies", "10,30", "--output", "images");
        Assert.True(code == 0 && output == "120 images in images\n", output + errors);
        var files = Directory.GetFiles(sample.At("images"), "*.png", SearchOption.AllDirectories);
        Assert.Equal(30, files.Count(file => file.Contains("/10_keV/NR/", StringComparison.Ordinal)));
        File.WriteAllBytes(sample.At("images", "cut_NR_10_keV.png"), File.ReadAllBytes(files[0])[..100]);

        string[] train =
        [
            "train", "images", "--epochs", "6", "--batch", "16", "--validation", "20", "--stratified", "--no-figures", "--output",
            "run",
        ];
        (code, output, errors) = sample.Run(train);
        Assert.True(code == 0, output + errors);
        Assert.Contains("cut_NR_10_keV.png", errors, StringComparison.Ordinal);
        Assert.Matches(@"AUC 0\.\d{4} \(0\.\d{4} to [01]\.\d{4}\), MAE \d+\.\d\d keV on \d+ unseen images\n$", output);
        using var evaluation = JsonDocument.Parse(File.ReadAllText(sample.At("run", "evaluation.json")));
        var auc = evaluation.RootElement.GetProperty("pooled").GetProperty("area").GetProperty("auc").GetDouble();
        Assert.True(auc > 0.6, $"the area is {auc}");

        // A second run is refused, a resumed one is done, other options are named.
        (code, _, errors) = sample.Run(train);
        Assert.True(code == 1 && errors.StartsWith("cygno: --output: ", StringComparison.Ordinal), errors);
        (code, _, errors) = sample.Run([.. train, "--resume"]);
        Assert.True(code == 0, errors);
        (code, _, errors) = sample.Run([.. train, "--resume", "--learning-rate", "0.1"]);
        Assert.True(code == 1 && errors.Contains("expected the options that the run began with", StringComparison.Ordinal), errors);

        // Scores of files are those of the evaluation: the same images by the same weights.
        (code, output, errors) = sample.Run("score", "run", "images", "--output", "scores.csv");
        Assert.True(code == 0 && errors.Contains("120 images scored, 1 left out", StringComparison.Ordinal), output + errors);
        var scored = Lines("scores.csv").ToDictionary(line => line[0], line => Number(line[1]));
        foreach (var line in Lines(Path.Combine("run", "scores.csv")))
        {
            var name = line[0][line[0].IndexOf("simulated/", StringComparison.Ordinal)..];
            var response = scored.Single(entry => entry.Key.EndsWith(name, StringComparison.Ordinal)).Value;
            Assert.Equal(Number(line[3]), response, 1e-5);
        }

        string[][] Lines(string name) => [.. File.ReadLines(sample.At(name)).Skip(1).Select(line => line.Split(','))];

        static double Number(string text) => double.Parse(text, CultureInfo.InvariantCulture);
    }

    [Fact]
    public void SimulatedImages_AreJudgedBesideTheLimit()
    {
        using var sample = new SampleFolder(Program);
        var output = sample.Ok(
            "run", "--images", "240", "--validation", "40", "--unseen", "80", "--energies", "3,6", "--epochs", "2", "--no-figures",
            "--output", "run");
        Assert.Matches(
            @"AUC 0\.\d{4} \(0\.\d{4} to [01]\.\d{4}; limit (0\.9[89]\d\d|1\.0000)\), MAE \d+\.\d\d keV on 80 unseen images\n$",
            output);
    }

    [Fact]
    public void OthersAreTrained_ComparedAndJudged_OnTheSameImages()
    {
        using var sample = new SampleFolder(Program);
        string[] images = ["--images", "120", "--validation", "20", "--unseen", "40", "--energies", "6,20", "--cache", "cache"];
        sample.Ok(["run", .. images, "--epochs", "2", "--no-figures", "--network", "equivariant", "--output", "run"]);
        string[] baselines =
        [
            "baselines", .. images, "--exercise-epochs", "1", "--published-epochs", "1", "--seed", "1", "--threads", "1", "--device", "cpu",
            "--output", "others",
        ];
        var output = sample.Ok(baselines);
        foreach (var name in (string[])["exercise", "lophy95", "classical"])
            Assert.Matches($@"{name} +AUC [01]\.\d{{4}} \(", output);
        using (var notes = JsonDocument.Parse(File.ReadAllText(sample.At("others", "baselines.json"))))
        {
            Assert.Equal(64, notes.RootElement.GetProperty("images").GetString()!.Length);
            var classical = notes.RootElement.GetProperty("results").EnumerateArray().Last().GetProperty("area").GetProperty("auc");
            Assert.True(classical.GetDouble() > 0.8, $"{classical}");
        }
        Assert.Equal(sample.Ok(baselines.Append("--resume")), output);

        // Small networks that were hardly trained may be surely worse than widths and roundness: 3 says so.
        var (code, compared, errors) = sample.Run("compare", "run", "others");
        Assert.True(code is 0 or 3, errors);
        Assert.Matches(@"(?m)^all      [01]\.\d{4} .*exercise [+-]\d\.\d{4} .*classical [+-]", compared);
        Assert.Contains("mean absolute error of the energy: ", compared, StringComparison.Ordinal);
        sample.Ok(["run", .. images, "--epochs", "1", "--no-figures", "--seed", "2", "--output", "other-seed"]);
        (code, _, errors) = sample.Run("compare", "other-seed", "others");
        Assert.True(code == 1 && errors.Contains("got those of others", StringComparison.Ordinal), errors);
    }

    [Fact]
    public void EnergiesMayBeContinuous_OrLieBetweenThoseTrainedOn_AndSetsAreDrawn()
    {
        using var sample = new SampleFolder(Program);
        string[] small = ["--images", "240", "--validation", "40", "--unseen", "60", "--epochs", "1", "--no-figures"];
        sample.Ok(["run", .. small, "--energies", "continuous", "--energy-loss", "huber", "--output", "continuous"]);
        using (var evaluation = JsonDocument.Parse(File.ReadAllText(sample.At("continuous", "evaluation.json"))))
        {
            var resolution = evaluation.RootElement.GetProperty("resolution").EnumerateArray().ToArray();
            Assert.Equal(11, resolution.Length); // six energies of electrons, five of nuclei
            Assert.All(resolution, one => Assert.InRange(one.GetProperty("boundKeV").GetDouble(), 0.1, 1.5));
        }
        Assert.Matches(@"limit [01]\.\d{4}\), MAE \d+\.\d\d keV", sample.Ok(["run", .. small, "--interleaved", "--output", "interleaved"]));
        Assert.Matches(
            @"(?m)^batches of   16: cross-entropy \d",
            sample.Ok(
                "sweep", "--images", "120", "--validation", "20", "--energies", "6,20", "--batches", "16,32", "--epochs", "1",
                "--learning-rate", "0.002", "--weight-decay", "0.001", "--seed", "3", "--cache", "swept", "--threads", "1", "--device",
                "cpu", "--output", "sweep"));
        Assert.Equal(3, File.ReadAllLines(sample.At("sweep", "sweep.csv")).Length);
        Assert.NotEmpty(Directory.GetFiles(sample.At("swept"), "cache.json", SearchOption.AllDirectories));
        sample.Ok(["simulate", "--count", "4", "--size", "128", "--energies", "6,20", "--output", "images"]);
        var verified = sample.Ok(["verify", "images"]);
        Assert.Contains("16 images, 0 left out; 4 kinds and energies\n", verified, StringComparison.Ordinal);
        foreach (var name in (string[])["labels", "energies", "light", "window"])
            Assert.True(File.Exists(sample.At("runs", "cygno-verify", name + ".png")), name);
    }

    [Theory]
    [InlineData(
        "cygno: --energies: expected different energies in (0, 100] keV such as 1,3,6, got '1,x'.", "simulate", "--energies", "1,x")]
    [InlineData("cygno: --energies: expected different energies in (0, 100] keV such as 1,3,6, got '3,3'.", "run", "--energies", "3,3")]
    [InlineData("cygno: --size: expected at least 128 pixels, got 64.", "simulate", "--size", "64")]
    [InlineData("cygno: --count: expected at least 1, got 0.", "simulate", "--count", "0")]
    [InlineData("cygno: --network: expected recoil or equivariant, got 'x'.", "run", "--network", "x")]
    [InlineData("cygno: --energy-loss: expected likelihood, squared, huber or absolute, got 'x'.", "run", "--energy-loss", "x")]
    [InlineData("cygno: --interleaved: expected it without --energies, got --energies 1,3.", "run", "--interleaved", "--energies", "1,3")]
    [InlineData("cygno: --batches: expected different whole numbers of at least 2 such as 10,64, got '1'.", "sweep", "--batches", "1")]
    [InlineData("cygno: --batch: expected at least 2 images, which BatchNorm needs, got 1.", "run", "--batch", "1")]
    [InlineData("cygno: --epochs: expected at least 1, got 0.", "run", "--epochs", "0")]
    [InlineData("cygno: --images: expected at least 24, two of each kind and energy, got 5.", "limit", "--images", "5")]
    public void WhatIsNotUnderstood_IsRefusedInOneLine(string message, params string[] arguments)
    {
        using var sample = new SampleFolder(Program);
        sample.Refuses(message, arguments);
    }
}
