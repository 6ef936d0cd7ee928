using System;
using System.IO;
using System.Linq;
using Hybrid.Data.Formats;
using Hybrid.PropertyTests.Compiler;
using Hybrid.PropertyTests.Compiler.Serving;
using Xunit;

namespace Hybrid.PropertyTests.Systems.Cygno;

/// <summary>Odd sets: of one kind, of constant images, of one event; each gets an answer or a reason.</summary>
public sealed class CygnoOddSets
{
    private const string Program = "hybrid-cygno.dll";

    private static readonly string[] _train = ["train", "images", "--epochs", "1", "--batch", "8", "--no-figures", "--output", "run"];

    [Fact]
    public void OneKindAlone_IsLookedAt_AndRefusedForTraining()
    {
        using var sample = new SampleFolder(Program);
        sample.Ok("simulate", "--count", "6", "--size", "128", "--energies", "6,20", "--output", "images");
        foreach (var folder in Directory.GetDirectories(sample.At("images"), "ER", SearchOption.AllDirectories))
            Directory.Delete(folder, recursive: true);
        var (code, output, errors) = sample.Run([.. _train, "--validation", "3"]);
        Assert.Equal(
            (1, "", "cygno: the set: expected nuclear and electron recoils, got nuclear recoils alone.\n"), (code, output, errors));
        Assert.Contains("12 images, 0 left out; 2 kinds and energies\n", sample.Ok("verify", "images"), StringComparison.Ordinal);
    }

    [Fact]
    public void OneKindAmongThoseThatJudge_IsNamedBeforeTheTraining()
    {
        using var sample = new SampleFolder(Program);
        Constant(sample, "NR", Enumerable.Range(90, 20));
        Constant(sample, "ER", [130]);
        var (code, output, errors) = sample.Run([.. _train, "--validation", "2", "--test", "0.1", "--seed", "3"]);
        Assert.Equal((1, ""), (code, output));
        Assert.EndsWith(
            "cygno: the test set: expected nuclear and electron recoils, got one kind alone among 2 images. Give --stratified, or a larger "
                + "share.\n", errors, StringComparison.Ordinal);
        Assert.False(Directory.Exists(sample.At("run")), "a run began");
    }

    [Fact]
    public void ConstantImages_AreTrainedOnJudgedAndScored_WithFiniteNumbers()
    {
        using var sample = new SampleFolder(Program);
        Constant(sample, "NR", Enumerable.Range(60, 20));
        Constant(sample, "ER", Enumerable.Range(100, 20));
        File.Copy(sample.At("images", "10_keV", "NR", "60.png"), sample.At("images", "10_keV", "NR", "again.png"));
        var (code, output, errors) = sample.Run([.. _train, "--validation", "6", "--test", "0.3", "--stratified"]);
        Assert.True(code == 0, output + errors);
        Assert.Contains("again.png: the same image as ", errors, StringComparison.Ordinal);
        Assert.Matches(@"AUC [01]\.\d{4} \([01]\.\d{4} to [01]\.\d{4}\), MAE \d+\.\d\d keV on \d+ unseen images\n$", output);
        Assert.DoesNotContain("NaN", File.ReadAllText(sample.At("run", "evaluation.json")), StringComparison.Ordinal);

        // One event, without a light and with all there can be: a row each.
        foreach (var name in (string[])["NR/60.png", "ER/119.png"])
        {
            var (ended, table, said) = sample.Run("score", "run", Path.Combine("images", "10_keV", name));
            Assert.True(ended == 0 && said.Contains("1 image scored, 0 left out", StringComparison.Ordinal), table + said);
            var numbers = table.Split('\n', StringSplitOptions.RemoveEmptyEntries)[1].Split(',')[1..];
            Assert.Equal(5, numbers.Length);
            Assert.All(numbers, number => Assert.True(double.IsFinite(double.Parse(number, Format)), table));
        }
    }

    [Fact]
    public void OneEvent_IsNoSet()
    {
        using var sample = new SampleFolder(Program);
        Constant(sample, "NR", [90]);
        var (code, _, errors) = sample.Run([.. _train, "--validation", "1"]);
        Assert.Equal(
            (1, "cygno: a set of 1 image: expected at least 1 for validation and 1 for training, got 1 for validation and 0 for the "
                + "test.\n"), (code, errors));
    }

    private static readonly IFormatProvider Format = System.Globalization.CultureInfo.InvariantCulture;

    /// <summary>Images of 160 × 160 pixels of one value each, in ADU.</summary>
    private static void Constant(SampleFolder sample, string kind, System.Collections.Generic.IEnumerable<int> values)
    {
        Directory.CreateDirectory(sample.At("images", "10_keV", kind));
        foreach (var value in values)
            File.WriteAllBytes(sample.At("images", "10_keV", kind, $"{value}.png"), ToyScorer.PngOf((byte)value, 160, 160));
    }
}
