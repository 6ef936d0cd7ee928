using System;
using System.Globalization;
using System.IO;
using System.Linq;
using System.Text.Json;
using Hybrid.Data.Formats;
using Hybrid.Models.Systems.Imnn;
using Hybrid.Models.Training;
using Hybrid.Models.Weights;
using Hybrid.PropertyTests.Compiler;
using Xunit;
using static TorchSharp.torch;

namespace Hybrid.PropertyTests.Systems.Imnn;

/// <summary>./hybrid imnn as a user runs it: a short training, and estimates by what its folder holds.</summary>
public sealed class ImnnSample
{
    [Fact]
    public void ATrainedRun_EstimatesFromTheCommandLine()
    {
        var folder = Directory.CreateTempSubdirectory("hybrid-imnn-");
        try
        {
            var (code, _, errors) = Run(
                folder.FullName, "--network", "paper", "--iterations", "20", "--readout", "0", "--unseen", "1000",
                "--hidden", "16", "--no-figures", "--output", "run");
            Assert.True(code == 0, errors);
            var values = Enumerable.Range(0, 30).Select(i => (float)Math.Sin(i)).ToArray();
            Npy.Write(Path.Combine(folder.FullName, "observed.npy"), new NdArray<float>([3, 10], values));
            (code, var output, errors) = Run(folder.FullName, "estimate", "run", "observed.npy");
            Assert.True(code == 0, errors);
            Assert.StartsWith("3 estimates; errors √diag F⁻¹: theta1 ", errors, StringComparison.Ordinal);
            var lines = output.Split('\n', StringSplitOptions.RemoveEmptyEntries);
            Assert.Equal("theta1,theta2", lines[0]);

            using var network = new DenseCompressor(10, 16, 2);
            WeightFile.Load(network, Path.Combine(folder.FullName, "run", "weights.safetensors"));
            using var scope = NewDisposeScope();
            var expected = FisherStatistics.Read(Path.Combine(folder.FullName, "run", "statistics.json"))
                .Estimate([0, 1], network.forward(tensor(values, [3, 10])));
            for (var row = 0; row < 3; row++)
            {
                var actual = lines[row + 1].Split(',').Select(text => double.Parse(text, CultureInfo.InvariantCulture)).ToArray();
                for (var p = 0; p < 2; p++) Assert.Equal(expected[row][p], actual[p], 1e-4 * (1 + Math.Abs(expected[row][p])));
            }

            Npy.Write(Path.Combine(folder.FullName, "wide.npy"), new NdArray<float>([3, 4], new float[12]));
            (code, _, errors) = Run(folder.FullName, "estimate", "run", "wide.npy");
            Assert.Equal((1, "imnn: wide.npy: expected (10) or (n, 10) as the network of run takes, got (3, 4)."), (code, errors.Trim()));
            (code, _, errors) = Run(folder.FullName, "estimate", "nowhere", "observed.npy");
            Assert.True(
                code == 1 && errors.StartsWith("imnn: ", StringComparison.Ordinal) && !errors.Contains("   at ", StringComparison.Ordinal),
                errors);
            (code, _, errors) = Run(folder.FullName, "--learning-rate", "0,001");
            Assert.True(
                code == 1
                    && errors.StartsWith("--learning-rate: expected a number such as 0.05 or 1e-3, got '0,001'.", StringComparison.Ordinal),
                errors);
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    [Fact]
    public void ARun_EndsWithItsResult_AndGivesPosteriors()
    {
        var folder = Directory.CreateTempSubdirectory("hybrid-imnn-");
        try
        {
            var (code, output, errors) = Run(
                folder.FullName, "--iterations", "30", "--simulations", "200", "--readout", "5000", "--unseen", "5000", "--no-figures",
                "--output", "run");
            Assert.True(code == 0, errors);
            Assert.Matches(
                @"\|F\| \d+\.\d ± \d+\.\d of 50 as trained, \d+\.\d with read-out \(\d+\.\d % of the optimum on the same\) "
                    + @"on 5000 unseen simulations\n$",
                output);
            var judged = RunDirectory.Read<JsonElement>(Path.Combine(folder.FullName, "run", "evaluation.json")).GetProperty("judgement");
            var readout = judged.GetProperty("readout").GetProperty("determinant").GetDouble();
            Assert.InRange(readout, 40, 60);
            var ratio = judged.GetProperty("readout").GetProperty("ofOptimum").GetDouble();
            Assert.Equal(readout / judged.GetProperty("optimum").GetDouble(), ratio, 1e-9);
            Assert.NotEqual(
                judged.GetProperty("trained").GetProperty("determinant").GetDouble(),
                judged.GetProperty("untrained").GetProperty("determinant").GetDouble());

            (code, output, errors) = Run(
                folder.FullName, "posterior", "run", "--method", "gaussian,abc,pmc", "--tolerance", "2,1", "--accepted", "60",
                "--no-figures");
            Assert.True(code == 0, errors);
            Assert.Matches(
                @"(?m)^gaussian mean μ .* 10000 draws of 0 simulations, .*; from the analytic posterior 0\.\d+, 0\.\d+$", output);
            var report = RunDirectory.Read<JsonElement>(Path.Combine(folder.FullName, "run", "posterior", "posterior.json"));
            var methods = report.GetProperty("methods").EnumerateArray().ToArray();
            Assert.Equal(["gaussian", "abc", "pmc"], methods.Select(method => method.GetProperty("method").GetString()));
            Assert.All(methods.Skip(1), method => Assert.InRange(method.GetProperty("draws").GetInt32(), 60, 100_000));
            // ε of one error and a network that is hardly trained: the mean is still where the data are.
            var (exact, abc) = (report.GetProperty("estimate")[0].GetDouble(), methods[1].GetProperty("mean")[0].GetDouble());
            Assert.True(Math.Abs(exact - abc) < 0.4, $"estimate {exact}, mean of abc {abc}");
            var header = File.ReadLines(Path.Combine(folder.FullName, "run", "posterior", "samples-pmc.csv")).First();
            Assert.Equal("theta1,theta2,weight", header);

            (code, _, errors) = Run(folder.FullName, "posterior", "run", "--prior", "0..1", "--no-figures");
            Assert.Equal((1, "imnn: --prior: expected 2 parameters as the run has, got 1 in '0..1'."), (code, errors.Trim()));
            (code, _, errors) = Run(folder.FullName, "posterior", "run", "--method", "nuts", "--no-figures");
            Assert.Equal(
                (1, "imnn: --method: expected gaussian, abc, pmc, flow, or several with commas, got 'nuts'."), (code, errors.Trim()));
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    [Fact]
    public void RecordsAreWritten_AndTrainedOn()
    {
        var folder = Directory.CreateTempSubdirectory("hybrid-imnn-");
        try
        {
            var (code, output, errors) = Run(
                folder.FullName, "records", "--count", "60", "--derivatives", "40", "--validation", "50", "--record-size", "0.002",
                "--output", "records");
            Assert.True(code == 0, errors);
            Assert.StartsWith("110 simulations in ", output, StringComparison.Ordinal);
            Assert.True(File.Exists(Path.Combine(folder.FullName, "records", "remaining_00000.tfrecords")));
            Assert.True(
                File.Exists(Path.Combine(folder.FullName, "records", "fiducial_00001.tfrecords")), "files do not roll at their size");

            string[] data = ["--data", "records", "--fiducial", "0,1", "--shape", "10", "--hidden", "8", "--iterations", "3"];
            (code, output, errors) = Run(
                folder.FullName, [.. data, "--chunk", "7", "--workers", "2", "--print-rate", "1", "--no-figures", "--output", "run"]);
            Assert.True(code == 0, errors);
            Assert.Contains("40 simulations with derivatives and 20 without, 50 to validate", output, StringComparison.Ordinal);
            Assert.Equal(3, output.Split('\n').Count(line => line.StartsWith("iteration ", StringComparison.Ordinal)));
            Assert.Matches(@"\nvalidation \|F\| \d+\.\d \(training \d+\.\d\), best at iteration \d of 3\n$", output);

            (code, _, errors) = Run(folder.FullName, "--data", "records", "--fiducial", "0,1", "--no-figures");
            Assert.True(code == 1, output);
            Assert.Contains("a record does not say the shape of its simulation. Give --shape.", errors, StringComparison.Ordinal);
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    private static (int Code, string Output, string Errors) Run(string folder, params string[] arguments)
        => DotnetProcess.Run(folder, [Path.Combine(AppContext.BaseDirectory, "hybrid-imnn.dll"), .. arguments]);
}
