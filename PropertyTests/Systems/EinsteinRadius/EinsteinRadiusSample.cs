using System;
using System.Globalization;
using System.IO;
using System.Linq;
using System.Text.Json;
using Hybrid.Data.Formats;
using Hybrid.Models.Systems.EinsteinRadius;
using Hybrid.PropertyTests.Compiler;
using Hybrid.PropertyTests.Compiler.Roslyn;
using Xunit;

namespace Hybrid.PropertyTests.Systems.EinsteinRadius;

/// <summary>./hybrid einstein-radius as a researcher runs it; and what it refuses.</summary>
public sealed class EinsteinRadiusSample
{
    private const string Program = "hybrid-einstein-radius.dll";

    [Fact]
    public void EveryTechnique_IsComparedOnUnseenLenses_AComparisonResumes_AndImagesAreEstimated()
    {
        var data = Repository.Path("..", "shared", "data", "lens");
        Assert.SkipUnless(Directory.Exists(data), $"{data} is not here");
        using var sample = new SampleFolder(Program);
        string[] compare =
        [
            "compare", "--data", data, "--training", "24", "--adaptation", "24", "--test", "24", "--size", "24", "--epochs", "1",
            "--batch", "8", "--draws", "4", "--adaptation-steps", "2", "--no-figures", "--threads", "1", "--cache", "cache",
            "--output", "run",
        ];
        // One of each kind: what differs in a loss, an order or a distance alone is left to the techniques' own tests.
        string[] techniques =
        [
            "--techniques",
            "constant,raw,beta-nll,bayesian,maml,adversarial-pgd,mmd,dann,shiftnet,gan,flow,continuous-flow,injection+beta-nll",
        ];
        var (code, output, errors) = sample.Run([.. compare, .. techniques]);
        Assert.True(code == 0, output + errors);
        Assert.Contains(
            "leak check: no image, test galaxy or test source in two of union 24, injection 24, adaptation 24, validation 6, test 24, "
                + "small 32\n",
            output, StringComparison.Ordinal);
        Assert.Matches(
            @"mean \|fractional error\| \d\.\d{3} all, (\d\.\d{3} bright \(\d\.\d{3} to \d\.\d{3}\)|none bright) by [a-z0-9+-]+, "
                + @"0\.\d\d by the constant answer, on 24 unseen quasi-real lenses\n$",
            output);
        using var comparison = JsonDocument.Parse(File.ReadAllText(sample.At("run", "comparison.json")));
        var compared = comparison.RootElement.GetProperty("rows").EnumerateArray().ToArray();
        Assert.All(compared, row => Assert.Equal(1, row.GetProperty("runs").GetInt32()));
        Assert.Equal(13, compared.Length);

        // Resumed, one technique is done again to the last digit; the others are read.
        var estimates = File.ReadAllText(sample.At("run", "fold-0", "mmd-seed-1", "test.csv"));
        Directory.Delete(sample.At("run", "fold-0", "mmd-seed-1"), recursive: true);
        var (again, second, problems) = sample.Run([.. compare, .. techniques, "--resume"]);
        Assert.True(again == 0, second + problems);
        Assert.Equal(LastLine(output), LastLine(second));
        Assert.Equal(estimates, File.ReadAllText(sample.At("run", "fold-0", "mmd-seed-1", "test.csv")));

        (code, output, errors) = sample.Run(
            "simulate", "--data", data, "--training", "3", "--adaptation", "3", "--test", "3", "--cache", "cache", "--output", "images");
        Assert.True(code == 0, output + errors);
        (code, output, errors) = sample.Run(
            "estimate", sample.At("run", "fold-0", "bayesian-seed-1"), sample.At("images", "test.npy"), "-o", "radii.csv");
        Assert.True(code == 0, output + errors);
        var rows = File.ReadAllLines(sample.At("radii.csv"));
        Assert.Equal("id,theta_e,low,high", rows[0]);
        Assert.Equal(3, rows.Length - 1);
        Assert.All(rows.Skip(1), row =>
        {
            var numbers = row.Split(',').Skip(1).Select(cell => double.Parse(cell, CultureInfo.InvariantCulture)).ToArray();
            Assert.True(numbers[1] < numbers[0] && numbers[0] < numbers[2], row);
        });

        // Of what others hand in: a missing pixel counts as 0, a missing band and bands of two sizes are left out and named.
        Directory.CreateDirectory(sample.At("own"));
        var plane = Enumerable.Range(0, 44 * 44).Select(i => (float)(i % 44)).ToArray();
        var cube = new NdArray<float>([3, 44, 44], [.. plane, .. plane, .. plane]);
        cube.Values[700] = float.NaN;
        Fits.WriteImage(sample.At("own", "a.fits"), new FitsImage(cube));
        Fits.WriteImage(sample.At("own", "b.fits"), new FitsImage(new NdArray<float>([2, 44, 44], [.. plane, .. plane])));
        Fits.WriteImage(sample.At("own", "c.fits"), new FitsImage(new NdArray<float>([3, 20, 44], new float[3 * 20 * 44])));
        (code, output, errors) = sample.Run(
            "estimate", sample.At("run", "fold-0", "injection+beta-nll-seed-1"), sample.At("own"), "-o", "own.csv");
        Assert.True(code == 0, output + errors);
        Assert.Equal("1 radius in own.csv (arcsec, 95 % intervals), 2 left out\n", output);
        Assert.Contains("b.fits: expected 3 bands of one image, got (2, 44, 44).", errors, StringComparison.Ordinal);
        Assert.Contains("c.fits: expected images of at least 24 × 24 pixels, got 20 × 44.", errors, StringComparison.Ordinal);
        Assert.Matches(@"a\.fits,\d", File.ReadAllLines(sample.At("own.csv"))[1]);

        static string LastLine(string text) => text.TrimEnd('\n').Split('\n')[^1];
    }

    [Fact]
    public void TechniquesAreListed()
    {
        using var sample = new SampleFolder(Program);
        var lines = sample.Ok("techniques").TrimEnd('\n').Split('\n');
        Assert.Equal(RadiusTechniques.All.Count + 1, lines.Length);
        Assert.Equal(RadiusTechniques.All.Select(facts => facts.Name), lines.Skip(1).Select(line => line.Split(' ')[0]));
    }

    [Theory]
    [InlineData("einstein-radius: --preset: expected quick or full, got 'slow'.", "compare", "--preset", "slow")]
    [InlineData("einstein-radius: --epochs: expected at least 1, got 0.", "compare", "--epochs", "0")]
    [InlineData("einstein-radius: --adaptation-steps: expected at least 1, got 0.", "compare", "--adaptation-steps", "0")]
    [InlineData("einstein-radius: --count: expected at least 2 images, got 1.", "look", "--count", "1")]
    [InlineData("einstein-radius: --folds: expected 1 or 2, got 3.", "compare", "--folds", "3")]
    [InlineData("einstein-radius: --size: expected an even number in 16 to 48, got 45.", "compare", "--size", "45")]
    [InlineData("einstein-radius: --training: expected at least 2 images, got 1.", "compare", "--training", "1")]
    [InlineData("einstein-radius: --techniques: bayesian begins with beta-nll; name that too.", "compare", "--techniques", "bayesian")]
    [InlineData(
        "einstein-radius: --preprocessing: gan works in units of the sky; expected asinh, got raw.", "compare", "--techniques", "gan",
        "--preprocessing", "raw")]
    [InlineData("einstein-radius: preprocessing: expected one of asinh, clip-z, raw, got 'log'.", "compare", "--preprocessing", "log")]
    [InlineData("einstein-radius: --epsilon: expected a number > 0 deviations of the sky, got 0.", "compare", "--epsilon", "0")]
    [InlineData("einstein-radius: network: expected one of small, resnet10v2, resnet34v2, got 'vit'.", "compare", "--network", "vit")]
    [InlineData(
        "einstein-radius: --technique: flow begins with beta-nll. Run compare --techniques beta-nll,flow.", "train", "--technique", "flow")]
    public void WhatIsNotUnderstood_IsRefusedInOneLine(string message, params string[] arguments)
    {
        using var sample = new SampleFolder(Program);
        sample.Refuses(message, arguments);
    }
}
