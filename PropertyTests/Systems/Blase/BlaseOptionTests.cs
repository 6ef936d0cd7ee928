using System;
using System.Globalization;
using System.IO;
using System.Linq;
using System.Text.RegularExpressions;
using Hybrid.PropertyTests.Compiler;
using Hybrid.PropertyTests.Compiler.Roslyn;
using Xunit;

namespace Hybrid.PropertyTests.Systems.Blase;

/// <summary>Options of ./hybrid blase through the real process: each reaches what it names.</summary>
public sealed class BlaseOptionTests
{
    private const string Program = "hybrid-blase.dll";

    [Fact]
    public void EveryOption_ReachesTheRun_TheEstimatesAndTheirEvaluation()
    {
        var spectra = Repository.Path("..", "shared", "data", "seds", "leptonic_1k.csv.gz");
        Assert.SkipUnless(File.Exists(spectra), $"{spectra} is not there");
        using var sample = new SampleFolder(Program);
        sample.Ok("simulate", "--count", "150", "--seed", "3", "--spectra", spectra, "--reference", "nowhere", "--output", "seds");

        string[] train =
        [
            "train", "seds", "--epochs", "2", "--patience", "4", "--bags", "3", "--members", "1", "--batch", "32", "--learning-rate",
            "0.001", "--weight-decay", "0.0001", "--plateau", "3", "--brightness", "0.02", "--noise", "0.03", "--label-balance", "0.5",
            "--beta", "0.4", "--seed", "4", "--cache", "kept", "--threads", "1", "--device", "cpu", "--no-figures", "--output", "run",
        ];
        var last = sample.Ok(train).TrimEnd('\n').Split('\n')[^1];
        SavedOptions.Require(
            sample.At("run", "options.json"), ("epochs", 2), ("patience", 4), ("bags", 3), ("membersPerBag", 1), ("batchSize", 32),
            ("learningRate", 0.001), ("weightDecay", 0.0001), ("plateauPatience", 3), ("brightness", 0.02), ("noise", 0.03),
            ("labelBalance", 0.5), ("beta", 0.4), ("seed", 4), ("threads", 1), ("device", "cpu"));
        Assert.NotEmpty(Directory.GetFiles(sample.At("kept"), "cache.json", SearchOption.AllDirectories));
        Assert.False(File.Exists(sample.At("run", "report.html")), "--no-figures drew a report");
        var weights = File.ReadAllBytes(sample.At("run", "weights.safetensors"));
        Assert.Equal(last, sample.Ok([.. train, "--resume"]).TrimEnd('\n').Split('\n')[^1]);
        Assert.Equal(weights, File.ReadAllBytes(sample.At("run", "weights.safetensors")));
        sample.Ok([.. train.Select(word => word == "0.4" ? "0.5" : word), "--overwrite"]);
        SavedOptions.Require(sample.At("run", "options.json"), ("beta", 0.5));

        // ---- estimate: one file, whose name has its position ------------------------------------------------------------------
        var file = Directory.GetFiles(sample.At("seds"), "*", SearchOption.AllDirectories)
            .First(path => Path.GetFileName(path).StartsWith("SED_", StringComparison.Ordinal));
        string[] estimate = ["estimate", file, "--model", "run", "--threads", "1", "--device", "cpu"];
        var (value, error) = Parts(sample.Ok([.. estimate, "--bag", "1", "--width", "1", "--precision", "6"]));
        Assert.Equal(6, value.Split('.')[1].Length);
        var (_, doubled) = Parts(sample.Ok([.. estimate, "--bag", "1", "--width", "2", "--precision", "6"]));
        Assert.Equal(2 * Number(error), Number(doubled), 1e-5);
        Assert.Matches(@"^\d+\.\d\d\n$", sample.Ok([.. estimate, "--no-error"]));
        Assert.Empty(sample.Ok([.. estimate, "--silent"]));
        var (code, _, errors) = sample.Run([.. estimate, "--bag", "3"]);
        Assert.Equal((1, "blase: --bag: expected 0 to 2, or none to look the source up by its position, got 3.\n"), (code, errors));

        // The same source a degree away is one of the training set within two degrees, and none within half a degree.
        Directory.CreateDirectory(sample.At("moved"));
        var lines = File.ReadAllLines(file);
        var words = Regex.Split(lines[0].Trim(), @"\s+");
        var declination = Number(words[^2]);
        words[^2] = (declination > 0 ? declination - 1 : declination + 1).ToString(CultureInfo.InvariantCulture);
        lines[0] = "   " + string.Join("  ", words);
        File.WriteAllLines(sample.At("moved", Path.GetFileName(file)), lines);
        string OutOfBag(string radius)
            => sample.Run(["estimate", "moved", .. estimate[2..], "--radius", radius]).Errors;
        Assert.Contains("1 estimated (1 out of bag)", OutOfBag("2"), StringComparison.Ordinal);
        Assert.Contains("1 estimated (0 out of bag)", OutOfBag("0.001"), StringComparison.Ordinal);

        // ---- evaluate -----------------------------------------------------------------------------------------------------------
        sample.Ok("evaluate", "run", "--width", "1.5", "--no-figures", "--output", "judged");
        Assert.True(File.Exists(sample.At("judged", "metrics.json")), "no metrics.json");
        Assert.False(File.Exists(sample.At("judged", "report.html")), "--no-figures drew a report");
        sample.Ok("evaluate", "run", "--width", "1.96", "--no-figures", "--output", "wider");
        Assert.NotEqual(File.ReadAllText(sample.At("judged", "metrics.json")), File.ReadAllText(sample.At("wider", "metrics.json")));

        RefusedNumbers.Require(
            sample, ["train", "seds"],
            [
                "--epochs", "--patience", "--bags", "--members", "--batch", "--learning-rate", "--weight-decay", "--plateau",
                "--brightness", "--noise", "--label-balance", "--beta", "--seed", "--threads",
            ]);
        RefusedNumbers.Require(sample, ["estimate", file], ["--bag", "--width", "--precision", "--radius"]);

        static double Number(string text) => double.Parse(text, CultureInfo.InvariantCulture);

        static (string Value, string Error) Parts(string output)
        {
            var found = Regex.Match(output, @"^(\d+\.\d+) \(\+/- (\d+\.\d+)\)\n$");
            Assert.True(found.Success, output);
            return (found.Groups[1].Value, found.Groups[2].Value);
        }
    }
}
