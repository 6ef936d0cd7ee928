using System;
using System.Collections.Generic;
using System.IO;
using System.IO.Compression;
using System.Linq;
using System.Text.RegularExpressions;
using Hybrid.PropertyTests.Compiler;
using Hybrid.PropertyTests.Compiler.Roslyn;
using Hybrid.PropertyTests.Compiler.Serving;
using Xunit;

namespace Hybrid.PropertyTests.Systems.Cygno;

/// <summary>docs/systems/cygno.md: the exercise's steps, command by command as the page has them, and from a zip.</summary>
public sealed class CygnoTutorial
{
    private const string Program = "hybrid-cygno.dll";

    // Smaller images than the page's and fewer epochs, so that it takes seconds; six hundred images all the same.
    private static readonly (string Page, string Here)[] _shorter =
        [("--count 50", "--count 50 --size 160"), ("--epochs 50", "--epochs 3")];

    private static string Section { get; } = Regex.Match(
        File.ReadAllText(Repository.Path("docs", "systems", "cygno.md")), @"(?ms)^## The exercise, step by step$.*?(?=^## )").Value;

    [Fact]
    public void TheStepsOfThePage_Run_AndMakeWhatItNames()
    {
        using var sample = new SampleFolder(Program);
        using var server = new S3Server();
        string[] commands = [.. Regex.Matches(Section, @"(?m)^    \./hybrid cygno (.*)$").Select(match => match.Groups[1].Value)];
        Assert.Equal(
            ["simulate", "verify", "train", "train", "export", "publish", "fetch", "score"], commands.Select(line => line.Split(' ')[0]));
        var (archive, printed) = ("", "");
        foreach (var command in commands)
        {
            var line = _shorter.Aggregate(command, (text, one) => text.Replace(one.Page, one.Here, StringComparison.Ordinal))
                .Replace("cygno-HASH.zip", archive, StringComparison.Ordinal);
            var (code, output, errors) = DotnetProcess.Run(
                sample.Path, [Path.Combine(AppContext.BaseDirectory, Program), .. line.Split(' ')], server.Environment);
            Assert.True(code == 0, $"{line}: {output}{errors}");
            if (line.StartsWith("simulate", StringComparison.Ordinal)) Assert.Equal("600 images in images\n", output);
            if (line.StartsWith("export", StringComparison.Ordinal))
                archive = Regex.Match(output, @"cygno-[0-9a-f]{16}\.zip").Value;
            if (line.StartsWith("train", StringComparison.Ordinal)) printed = output;
        }
        Assert.Contains("430 images to train on, 50 to choose the epoch, 120 that judge; ", printed, StringComparison.Ordinal);
        Assert.Matches(@"AUC 0\.\d{4} \(.*\), MAE \d+\.\d\d keV on 120 unseen images\n$", printed);

        // Every picture that the page's table names is there: the sample's in the one folder, the training's in the other.
        string[] pictures = [.. Regex.Matches(Section, @"`([a-z-]+)\.png`").Select(match => match.Groups[1].Value).Distinct()];
        Assert.True(pictures.Length >= 10, string.Join(", ", pictures));
        string[] folders = [sample.At("runs", "verify"), sample.At("runs", "exercise")];
        Assert.All(pictures, name => Assert.Contains(folders, folder => IsPicture(Path.Combine(folder, name + ".png"))));
        Assert.Contains("<html", File.ReadAllText(sample.At("runs", "exercise", "report.html")), StringComparison.OrdinalIgnoreCase);
        Assert.Equal(43, File.ReadLines(sample.At("runs", "one-epoch", "first-epoch.csv")).Skip(1).Count());
        Assert.Equal(600, File.ReadLines(sample.At("runs", "scores.csv")).Skip(1).Count());
        Assert.Equal([$"models/{archive}"], server.Keys());

        static bool IsPicture(string path)
            => File.Exists(path) && File.ReadAllBytes(path).AsSpan().StartsWith((ReadOnlySpan<byte>)[0x89, 0x50, 0x4E, 0x47]);
    }

    [Fact]
    public void TheExercisesZip_GoesFromEndToEnd_AndGivesWhatItsFolderGives()
    {
        using var sample = new SampleFolder(Program);
        sample.Ok("simulate", "--count", "12", "--size", "160", "--energies", "6,20", "--output", "data/data/export/run4");
        // The exercise hands out a zip, which holds the folders and what else lay there.
        File.WriteAllText(sample.At("data", "data", "README.txt"), "CYGNO simulation");
        ZipFile.CreateFromDirectory(sample.At("data"), sample.At("training_set.zip"));
        string[] options = ["--epochs", "2", "--batch", "10", "--validation", "8", "--threads", "1", "--stratified"];
        var output = sample.Ok(["train", "training_set.zip", .. options, "--output", "zip"]);
        Assert.Matches(@"AUC [01]\.\d{4} \(.*\), MAE \d+\.\d\d keV on \d+ unseen images\n$", output);
        Assert.True(new FileInfo(sample.At("zip", "report.html")).Length > 10_000, "report.html is short");

        sample.Ok(["train", "data", .. options, "--no-figures", "--output", "folder"]);
        Assert.Equal(Scores("folder"), Scores("zip"));
        Assert.Equal(
            File.ReadAllBytes(sample.At("folder", "weights.safetensors")), File.ReadAllBytes(sample.At("zip", "weights.safetensors")));

        // Without the paths, which are of other folders.
        IEnumerable<string> Scores(string run)
            => File.ReadLines(sample.At(run, "scores.csv")).Select(line => line[(line.IndexOf(',', StringComparison.Ordinal) + 1)..]);
    }
}
