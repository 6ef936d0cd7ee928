using System;
using System.IO;
using System.Linq;
using Hybrid.Data.Formats;
using Hybrid.PropertyTests.Compiler;
using Xunit;

namespace Hybrid.PropertyTests.Systems.Imnn;

/// <summary>Options of ./hybrid imnn through the real process: each reaches what it names.</summary>
public sealed class ImnnOptionTests
{
    private const string Program = "hybrid-imnn.dll";

    [Fact]
    public void EveryOptionOfATraining_IsInItsRun_AndRunsAreResumedReplacedAndDivided()
    {
        using var sample = new SampleFolder(Program);
        string[] small =
        [
            "--network", "dense", "--iterations", "4", "--simulations", "60", "--hidden", "6", "--readout", "0", "--unseen", "1000",
            "--threads", "1", "--no-figures",
        ];
        string[] train =
        [
            "--preset", "worked", .. small, "--start", "random", "--seed", "5", "--growth", "2", "--patience", "3", "--min-iterations", "2",
            "--print-rate", "2", "--final", "--learning-rate", "0.002", "--schedule", "constant", "--summaries", "3", "--lambda", "2.5",
            "--epsilon", "0.3", "--device", "cpu", "--output", "run",
        ];
        sample.Ok(train);
        SavedOptions.Require(
            sample.At("run", "options.json"), ("preset", "worked"), ("network", "dense"), ("start", "random"), ("seed", 5),
            ("simulations", 60), ("growth", 2), ("iterations", 4), ("patience", 3), ("minIterations", 2), ("final", true),
            ("learningRate", 0.002), ("schedule", "constant"), ("hidden", 6), ("summaries", 3), ("lambda", 2.5), ("epsilon", 0.3),
            ("readout", 0), ("unseen", 1000), ("threads", 1), ("device", "cpu"));
        Assert.False(File.Exists(sample.At("run", "report.html")), "--no-figures drew a report");
        var weights = File.ReadAllBytes(sample.At("run", "weights.safetensors"));
        sample.Ok([.. train, "--resume"]);
        Assert.Equal(weights, File.ReadAllBytes(sample.At("run", "weights.safetensors")));
        var (code, _, errors) = sample.Run([.. train, "--resume", "--overwrite"]);
        Assert.Equal((1, "imnn: --resume and --overwrite: expected one of them, got both.\n"), (code, errors));
        sample.Ok([.. train.Select(word => word == "5" ? "6" : word), "--overwrite"]);
        SavedOptions.Require(sample.At("run", "options.json"), ("seed", 6));
        Assert.NotEqual(weights, File.ReadAllBytes(sample.At("run", "weights.safetensors")));

        var shard = sample.Ok([.. small, "--seeds", "1..2", "--shard", "2/2", "--output", "seeds"]);
        Assert.Contains("shard 2/2 is done; 1 of 2 runs of other shards are missing\n", shard, StringComparison.Ordinal);
        Assert.Equal(["seed-2"], Directory.GetDirectories(sample.At("seeds")).Select(Path.GetFileName));
    }

    [Fact]
    public void NumericalDerivatives_TakeTheirWidthFromTheCommandLine()
    {
        using var sample = new SampleFolder(Program);
        Directory.CreateDirectory(sample.At("arrays"));
        var random = new Random(2);
        void Write(string name, params int[] shape)
            => Npy.Write(
                sample.At("arrays", name),
                new NdArray<float>(shape, [.. Enumerable.Range(0, shape.Aggregate((a, b) => a * b)).Select(_ => random.NextSingle())]));
        Write("fiducial_data.npy", 40, 6);
        Write("derivative_data.npy", 20, 2, 2, 6);
        string[] train =
        [
            "--data", "arrays", "--fiducial", "0,1", "--iterations", "2", "--hidden", "4", "--no-figures", "--threads", "1", "--output",
            "run",
        ];
        var (code, _, errors) = sample.Run(train);
        Assert.True(code == 1 && errors.Contains("numerical derivatives need δθ. Give --delta", StringComparison.Ordinal), errors);
        sample.Ok([.. train, "--delta", "0.2,0.1", "--overwrite"]);
        SavedOptions.Require(sample.At("run", "options.json"), ("fiducial", "0,1"), ("delta", "0.2,0.1"));
    }

    [Fact]
    public void SimulationsOfRecords_DependOnTheirNumberAndSeed_AndAreKeptInTheCacheThatIsNamed()
    {
        using var sample = new SampleFolder(Program);
        byte[][] Records(string folder, params string[] options)
        {
            sample.Ok(["records", "--validation", "0", .. options, "--output", folder]);
            return [.. TfRecordFile.Read(Directory.GetFiles(sample.At(folder), "fiducial_0*.tfrecords").Order())];
        }
        var all = Records("all", "--count", "6", "--seed", "2");
        var last = Records("last", "--count", "2", "--start", "4", "--seed", "2");
        Assert.Equal(6, all.Length);
        Assert.Equal(all[4..], last);
        Assert.NotEqual(all[4..], Records("other", "--count", "2", "--start", "4", "--seed", "3"));
        sample.Ok(
            "--data", "all", "--fiducial", "0,1", "--shape", "10", "--hidden", "4", "--iterations", "2", "--chunk", "3", "--workers", "1",
            "--kept-chunks", "2", "--cache", "kept", "--threads", "1", "--no-figures", "--output", "run");
        SavedOptions.Require(sample.At("run", "options.json"), ("chunk", 3), ("keptChunks", 2));
        Assert.NotEmpty(Directory.GetFiles(sample.At("kept"), "cache.json", SearchOption.AllDirectories));
    }

    [Fact]
    public void APosterior_IsOfTheDatumAndSeedThatAreNamed()
    {
        using var sample = new SampleFolder(Program);
        sample.Ok(
            "--iterations", "4", "--simulations", "60", "--hidden", "4", "--readout", "2000", "--unseen", "1000", "--threads", "1",
            "--no-figures", "--output", "run");
        var values = Enumerable.Range(0, 20).Select(i => (float)Math.Sin(i)).ToArray();
        Npy.Write(sample.At("observed.npy"), new NdArray<float>([2, 10], values));
        string[] posterior =
        [
            "posterior", "run", "observed.npy", "--method", "flow,abc", "--tolerance", "2", "--accepted", "20", "--simulations", "200",
            "--calibrate", "100", "--prior", "-2..2,0.1..6", "--seed", "9", "--threads", "1", "--no-figures",
        ];
        sample.Ok([.. posterior, "--datum", "1", "--output", "second"]);
        sample.Ok([.. posterior, "--datum", "1", "--output", "again"]);
        sample.Ok([.. posterior.Select(word => word == "flow,abc" ? "abc" : word), "--datum", "0", "--output", "first"]);
        string Report(string folder) => File.ReadAllText(sample.At(folder, "posterior.json"));
        SavedOptions.Require(sample.At("second", "posterior.json"), ("datum", 1), ("seed", 9));
        Assert.Equal(
            File.ReadAllText(sample.At("second", "samples-abc.csv")), File.ReadAllText(sample.At("again", "samples-abc.csv")));
        Assert.NotEqual(Report("first"), Report("second"));
        Assert.Contains("calibration", Report("second"), StringComparison.OrdinalIgnoreCase);
        var (code, _, errors) = sample.Run("posterior", "run", "observed.npy", "--datum", "2", "--no-figures");
        Assert.True(code == 1 && errors.StartsWith("imnn: --datum: ", StringComparison.Ordinal), errors);
    }

    [Fact]
    public void NumbersOfEveryOption_AreReadWholeOrRefused_AllInOneAnswer()
    {
        using var sample = new SampleFolder(Program);
        string[] numbers =
        [
            "--learning-rate", "--lambda", "--epsilon", "--simulations", "--growth", "--iterations", "--patience", "--min-iterations",
            "--print-rate", "--chunk", "--workers", "--kept-chunks", "--hidden", "--summaries", "--readout", "--unseen", "--threads",
            "--seed",
        ];
        RefusedNumbers.Require(sample, [], numbers);
        RefusedNumbers.Require(
            sample, ["posterior", "run"], ["--datum", "--accepted", "--simulations", "--calibrate", "--seed", "--threads"]);
        RefusedNumbers.Require(
            sample, ["records"], ["--count", "--derivatives", "--validation", "--start", "--record-size", "--seed"]);
    }
}
