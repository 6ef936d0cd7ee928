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
    private static readonly string _program = Path.Combine(AppContext.BaseDirectory, "hybrid-cygno.dll");

    [Fact]
    public void TheExercise_RunsFromImagesToScores()
    {
        var folder = Directory.CreateTempSubdirectory("hybrid-cygno-");
        try
        {
            var (code, output, errors) = Run("simulate", "--count", "30", "--size", "128", "--energies", "10,30", "--output", "images");
            Assert.True(code == 0 && output == "120 images in images\n", output + errors);
            var files = Directory.GetFiles(Path.Combine(folder.FullName, "images"), "*.png", SearchOption.AllDirectories);
            Assert.Equal(30, files.Count(file => file.Contains("/10_keV/NR/", StringComparison.Ordinal)));
            File.WriteAllBytes(Path.Combine(folder.FullName, "images", "cut_NR_10_keV.png"), File.ReadAllBytes(files[0])[..100]);

            string[] train =
            [
                "train", "images", "--epochs", "6", "--batch", "16", "--validation", "20", "--stratified", "--no-figures", "--output",
                "run",
            ];
            (code, output, errors) = Run(train);
            Assert.True(code == 0, output + errors);
            Assert.Contains("cut_NR_10_keV.png", errors, StringComparison.Ordinal);
            Assert.Matches(@"AUC 0\.\d{4} \(0\.\d{4} to [01]\.\d{4}\), MAE \d+\.\d\d keV on \d+ unseen images\n$", output);
            using var evaluation = JsonDocument.Parse(File.ReadAllText(Path.Combine(folder.FullName, "run", "evaluation.json")));
            var auc = evaluation.RootElement.GetProperty("pooled").GetProperty("area").GetProperty("auc").GetDouble();
            Assert.True(auc > 0.6, $"the area is {auc}");

            // A second run is refused, a resumed one is done, other options are named.
            (code, _, errors) = Run(train);
            Assert.True(code == 1 && errors.StartsWith("cygno: --output: ", StringComparison.Ordinal), errors);
            (code, _, errors) = Run([.. train, "--resume"]);
            Assert.True(code == 0, errors);
            (code, _, errors) = Run([.. train, "--resume", "--learning-rate", "0.1"]);
            Assert.True(code == 1 && errors.Contains("expected the options that the run began with", StringComparison.Ordinal), errors);

            // Scores of files are those of the evaluation: the same images by the same weights.
            (code, output, errors) = Run("score", "run", "images", "--output", "scores.csv");
            Assert.True(code == 0 && errors.Contains("120 images scored, 1 left out", StringComparison.Ordinal), output + errors);
            var scored = Lines("scores.csv").ToDictionary(line => line[0], line => Number(line[1]));
            foreach (var line in Lines(Path.Combine("run", "scores.csv")))
            {
                var name = line[0][line[0].IndexOf("simulated/", StringComparison.Ordinal)..];
                var response = scored.Single(entry => entry.Key.EndsWith(name, StringComparison.Ordinal)).Value;
                Assert.Equal(Number(line[3]), response, 1e-5);
            }
        }
        finally
        {
            folder.Delete(recursive: true);
        }

        (int Code, string Output, string Errors) Run(params string[] arguments)
            => DotnetProcess.Run(folder.FullName, [_program, .. arguments]);

        string[][] Lines(string name) => [.. File.ReadLines(Path.Combine(folder.FullName, name)).Skip(1).Select(line => line.Split(','))];

        static double Number(string text) => double.Parse(text, CultureInfo.InvariantCulture);
    }

    [Fact]
    public void SimulatedImages_AreJudgedBesideTheLimit()
    {
        var folder = Directory.CreateTempSubdirectory("hybrid-cygno-");
        try
        {
            var (code, output, errors) = DotnetProcess.Run(
                folder.FullName,
                [
                    _program, "run", "--images", "240", "--validation", "40", "--unseen", "80", "--energies", "3,6", "--epochs", "2",
                    "--no-figures", "--output", "run",
                ]);
            Assert.True(code == 0, output + errors);
            Assert.Matches(
                @"AUC 0\.\d{4} \(0\.\d{4} to [01]\.\d{4}; limit (0\.9[89]\d\d|1\.0000)\), MAE \d+\.\d\d keV on 80 unseen images\n$",
                output);
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    [Theory]
    [InlineData(
        "cygno: --energies: expected different energies in (0, 100] keV such as 1,3,6, got '1,x'.", "simulate", "--energies", "1,x")]
    [InlineData("cygno: --energies: expected different energies in (0, 100] keV such as 1,3,6, got '3,3'.", "run", "--energies", "3,3")]
    [InlineData("cygno: --size: expected at least 128 pixels, got 64.", "simulate", "--size", "64")]
    [InlineData("cygno: --count: expected at least 1, got 0.", "simulate", "--count", "0")]
    [InlineData("cygno: --batch: expected at least 2 images, which BatchNorm needs, got 1.", "run", "--batch", "1")]
    [InlineData("cygno: --epochs: expected at least 1, got 0.", "run", "--epochs", "0")]
    [InlineData("cygno: --images: expected at least 24, two of each kind and energy, got 5.", "limit", "--images", "5")]
    public void WhatIsNotUnderstood_IsRefusedInOneLine(string message, params string[] arguments)
    {
        var folder = Directory.CreateTempSubdirectory("hybrid-cygno-");
        try
        {
            var (code, _, errors) = DotnetProcess.Run(folder.FullName, [_program, .. arguments]);
            Assert.Equal((1, message + "\n"), (code, errors));
            Assert.Empty(folder.EnumerateFileSystemInfos());
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }
}
