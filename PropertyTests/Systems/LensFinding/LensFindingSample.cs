using System;
using System.IO;
using System.Text.Json;
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
            "--output", "run",
        ];
        var (code, output, errors) = sample.Run(compare);
        Assert.True(code == 0, output + errors);
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

    [Theory]
    [InlineData("lens-finding: --preset: expected quick or full, got 'slow'.", "compare", "--preset", "slow")]
    [InlineData("lens-finding: --epochs: expected at least 1, got 0.", "compare", "--epochs", "0")]
    [InlineData("lens-finding: --folds: expected 1 to 3, got 4.", "compare", "--folds", "4")]
    [InlineData("lens-finding: --size: expected 16 to 79 pixels, got 8.", "compare", "--size", "8")]
    [InlineData("lens-finding: --bands: expected different bands of g, r and i, got 'g g'.", "compare", "--bands", "g g")]
    [InlineData("lens-finding: --source: expected at least 2 images, got 1.", "compare", "--source", "1")]
    [InlineData("lens-finding: --methods: adda begins with source-only; name that too.", "compare", "--methods", "adda")]
    public void WhatIsNotUnderstood_IsRefusedInOneLine(string message, params string[] arguments)
    {
        using var sample = new SampleFolder(Program);
        sample.Refuses(message, arguments);
    }
}
