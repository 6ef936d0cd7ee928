using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using Hybrid.Models.Weights;
using Hybrid.PropertyTests.Zoo.Whole;
using Microsoft.ML.OnnxRuntime;
using Microsoft.ML.OnnxRuntime.Tensors;
using TorchSharp;
using Xunit;
using static TorchSharp.torch;

namespace Hybrid.PropertyTests.Compiler.Running;

/// <summary>Networks whose [Param]s are numbers and choices: one compiled program that a sweep goes over.</summary>
[Collection(nameof(Tensors))]
public sealed class Choices
{
    public static TheoryData<int, bool> Every
        => [.. from depth in new[] { 1, 2, 3 } from isNormalised in new[] { false, true } select (depth, isNormalised)];

    [Theory]
    [MemberData(nameof(Every))]
    public void Programs_OfEveryChoiceAgree(int depth, bool isNormalised)
    {
        using var network = Choosable.Of(depth, isNormalised, hidden: 4, dtype: ScalarType.Float64);
        var type = network.GetType();
        var sizes = new Dictionary<string, int> { ["hidden"] = 4 };
        ProgramLaws.Hold(new RunningNetwork(type, Trace.Of(type, sizes), sizes, ScalarType.Float64), new Random(depth));
    }

    [Theory]
    [MemberData(nameof(Every))]
    public void Of_ComputesWhatTheSpecSays(int depth, bool isNormalised)
    {
        foreach (var (hidden, slope, dropout) in new[] { (1, 0.0, 0.0), (6, 0.3, 0.5), (8, 1.5, 0.9) })
        {
            using var scope = NewDisposeScope();
            var network = Choosable.Of(depth, isNormalised, hidden, dropout, slope);
            network.eval();
            var weights = network.named_parameters().Select(named => named.parameter).Chunk(2).ToList();
            Assert.Equal(2 + depth, weights.Count);
            var x = randn(7, 5);
            var y = nn.functional.linear(x, weights[0][0], weights[0][1]);
            for (var i = 1; i <= depth; i++)
            {
                var z = nn.functional.linear(y, weights[i][0], weights[i][1]);
                if (isNormalised) z = nn.functional.softplus(z, 1 + slope, 20);
                y = y + (nn.functional.leaky_relu(z, slope) * (1 - dropout) / Math.Sqrt(hidden));
            }
            var expected = nn.functional.linear(y, weights[^1][0], weights[^1][1]);
            Assert.True(network.forward(x).allclose(expected, rtol: 1e-5, atol: 1e-6), $"{hidden}, {slope}, {dropout}");
        }
    }

    [Fact]
    public void ASweep_TrainsEveryNetworkOfIt()
    {
        manual_seed(1);
        var x = randn(64, 5);
        var target = x.sum(1, keepdim: true).expand(64, 3);
        foreach (var depth in new[] { 1, 2, 3 })
        {
            foreach (var dropout in new[] { 0, 0.2 })
            {
                using var network = Choosable.Of(depth, hidden: 16, dropout: dropout);
                using var optimiser = optim.Adam(network.parameters(), 1e-2);
                double first = 0, last = 0;
                for (var step = 0; step < 60; step++)
                {
                    using var scope = NewDisposeScope();
                    optimiser.zero_grad();
                    var loss = (network.forward(x) - target).square().mean();
                    loss.backward();
                    optimiser.step();
                    last = loss.item<float>();
                    if (step == 0) first = last;
                }
                Assert.True(last < 0.3 * first, $"depth {depth}, dropout {dropout}: {first} to {last}");
            }
        }
    }

    [Fact]
    public void Dropout_IsWhatWasGiven()
    {
        using var scope = NewDisposeScope();
        manual_seed(2);
        double Unlike(double dropout)
        {
            var network = new Choosable(hidden: 4, dropout: dropout);
            var x = randn(1, 5).expand(400, 5);
            return (network.forward(x) - network.forward(x)).abs().max().item<float>();
        }
        Assert.Equal(0, Unlike(0));
        Assert.True(Unlike(0.75) > 0.01);
    }

    [Theory]
    [InlineData(1.0, 0.2, "p must be in [0, 1), dropout is 1.")]
    [InlineData(-0.1, 0.2, "p must be in [0, 1), dropout is -0.1.")]
    [InlineData(double.NaN, 0.2, "p must be in [0, 1), dropout is NaN.")]
    public void Numbers_OutOfRangeAreRefusedWhenTheNetworkIsMade(double dropout, double slope, string expected)
        => Assert.Contains(expected, Assert.Throws<ArgumentException>(() => new Choosable(dropout: dropout, slope: slope)).Message);

    [Fact]
    public void Of_RefusesWhatIsNoChoice()
    {
        Assert.Contains(
            "Choosable.Of: expected depth from 1 to 3, isNormalised among false, true, got depth 4, isNormalised False.",
            Assert.Throws<ArgumentOutOfRangeException>(() => Choosable.Of(depth: 4)).Message);
        // A range of a choice's own operation.
        Assert.Contains(
            "beta must be above 0, (1 + slope) is -1.",
            Assert.Throws<ArgumentException>(() => Choosable.Of(isNormalised: true, slope: -2)).Message);
        using var fine = Choosable.Of(isNormalised: false, slope: -2);
        Assert.IsType<Choosable>(fine);
    }

    [Theory]
    [MemberData(nameof(Every))]
    public void Onnx_HoldsTheNetworkThatWasChosen(int depth, bool isNormalised)
    {
        var folder = Directory.CreateTempSubdirectory("hybrid-choices-");
        try
        {
            using var scope = NewDisposeScope();
            var network = Choosable.Of(depth, isNormalised, hidden: 3, slope: 0.4, dropout: 0.3);
            network.eval();
            var path = Path.Combine(folder.FullName, "network.onnx");
            OnnxFile.Save(path, network);
            var x = randn(4, 5);
            using var session = new InferenceSession(path);
            using var results = session.Run(
                [NamedOnnxValue.CreateFromTensor("x", new DenseTensor<float>(x.data<float>().ToArray(), [4, 5]))]);
            var actual = tensor(results.Single().AsTensor<float>().ToArray()).reshape(4, 3);
            Assert.True(actual.allclose(network.forward(x), rtol: 1e-5, atol: 1e-6));
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }
}
