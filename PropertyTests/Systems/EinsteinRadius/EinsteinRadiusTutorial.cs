using System;
using System.IO;
using System.Linq;
using System.Text.RegularExpressions;
using Hybrid.PropertyTests.Compiler;
using Hybrid.PropertyTests.Compiler.Roslyn;
using Xunit;

namespace Hybrid.PropertyTests.Systems.EinsteinRadius;

/// <summary>docs/systems/einstein-radius.md: the original's steps from raw data to result figures, command by command as the page has
/// them.</summary>
public sealed class EinsteinRadiusTutorial
{
    private const string Program = "hybrid-einstein-radius.dll";

    private static string Section { get; } = Regex.Match(
        File.ReadAllText(Repository.Path("docs", "systems", "einstein-radius.md")),
        @"(?ms)^## The original's way, step by step$.*?(?=^## )").Value;

    // Fewer and smaller images than the page's, and one epoch, so that it takes seconds.
    private static string Smaller(string command)
    {
        const string images = " --training 24 --adaptation 24 --test 12 --size 24 --cache cache";
        const string training = " --epochs 1 --batch 8 --threads 1";
        return command.Split(' ')[0] switch
        {
            "look" => command + " --count 12 --size 24",
            "compare" => command + images + training + " --draws 4",
            "train" => command + images + training,
            "simulate" => command + images,
            _ => command,
        };
    }

    [Fact]
    public void TheStepsOfThePage_Run_AndMakeWhatItNames()
    {
        var data = Repository.Path("..", "shared", "data", "lens");
        Assert.SkipUnless(Directory.Exists(data), $"{data} is not here");
        using var sample = new SampleFolder(Program);
        string[] commands = [.. Regex.Matches(Section, @"(?m)^    \./hybrid einstein-radius (.*)$").Select(match => match.Groups[1].Value)];
        Assert.Equal(["look", "compare", "train", "simulate", "estimate"], commands.Select(line => line.Split(' ')[0]));
        Assert.Contains("--output", commands[0].Split(' ')); // and its pictures are looked for there
        foreach (var command in commands)
        {
            var line = Smaller(command);
            var isOfData = !line.StartsWith("estimate", StringComparison.Ordinal);
            var output = sample.Ok([.. line.Split(' '), .. isOfData ? ["--data", data] : Array.Empty<string>()]);
            if (line.StartsWith("look", StringComparison.Ordinal))
                Assert.Matches(@"(?m)^g \| Max: -?\d\.\d{3}E.\d{3} Min: .* P_max: .* P_min: ", output);
            if (line.StartsWith("train", StringComparison.Ordinal))
                Assert.Contains("on 12 unseen quasi-real lenses of", output, StringComparison.Ordinal);
        }
        Assert.Equal(33, File.ReadLines(sample.At("runs", "radii.csv")).Count());
        Assert.True(File.Exists(sample.At("runs", "radii", "estimator.safetensors")));
        Assert.Contains("<html", File.ReadAllText(sample.At("runs", "original", "report.html")), StringComparison.OrdinalIgnoreCase);

        // Every picture that the page's table names is there: the data's in the one folder, the results' in the other.
        string[] pictures = [.. Regex.Matches(Section, @"`([a-z0-9-]+)\.png`").Select(match => match.Groups[1].Value).Distinct()];
        Assert.True(pictures.Length >= 10, string.Join(", ", pictures));
        string[] folders = [sample.At("runs", "looks"), sample.At("runs", "original")];
        Assert.All(pictures, name => Assert.Contains(folders, folder => IsPicture(Path.Combine(folder, name + ".png"))));

        static bool IsPicture(string path)
            => File.Exists(path) && File.ReadAllBytes(path).AsSpan().StartsWith((ReadOnlySpan<byte>)[0x89, 0x50, 0x4E, 0x47]);
    }
}
