using System;
using System.Globalization;
using System.IO;
using System.Linq;
using Hybrid.Data.Formats;
using Hybrid.Models.Systems.Imnn;
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
                folder.FullName, "--iterations", "20", "--readout", "0", "--unseen", "1000",
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

    private static (int Code, string Output, string Errors) Run(string folder, params string[] arguments)
        => DotnetProcess.Run(folder, [Path.Combine(AppContext.BaseDirectory, "hybrid-imnn.dll"), .. arguments]);
}
