using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Text.RegularExpressions;
using Hybrid.PropertyTests.Compiler.Roslyn;
using Hybrid.PropertyTests.Zoo.Dozen;
using TorchSharp;
using Xunit;
using static TorchSharp.torch;

namespace Hybrid.PropertyTests.Compiler.Running;

/// <summary>
/// Twelve models of the literature as a researcher writes them in an afternoon: each trains, and its spec is compared in lines with the
/// same model in PyTorch (bench/peers/dozen).
/// </summary>
[Collection(nameof(Tensors))]
public sealed class DozenTests
{
    private static readonly Dictionary<string, Func<(nn.Module Network, Func<Tensor> Loss)>> _models = new()
    {
        ["SegmentationNet"] = () =>
        {
            var (network, image) = (new SegmentationNet(width: 4), randn(4, 1, 16, 24));
            var classes = (image.squeeze(1) > 0).to_type(ScalarType.Int64);
            return (network, () => SegmentationLoss.Value(network.forward(image), classes));
        },
        ["PatchTransformer"] = () =>
        {
            var network = PatchTransformer.Of(depth: 2, dropout: 0.05);
            var (image, label) = (randn(8, 3, 32, 32), randint(0, 10, [8]));
            return (network, () => nn.functional.cross_entropy(network.forward(image), label));
        },
        ["CouplingFlow"] = () =>
        {
            var (network, x) = (new CouplingFlow(width: 16), (randn(64, 4) * 0.3) + 1.0);
            return (network, () =>
            {
                var (z, logDet) = network.forward(x);
                return CouplingFlowNll.Value(z, logDet);
            });
        },
        ["SpreadRegressor"] = () =>
        {
            var (network, x) = (new SpreadRegressor(width: 16), randn(64, 6));
            return (network, () =>
            {
                var (mean, variance) = network.forward(x);
                return SpreadLoss.Value(mean, variance, x.sum(1), beta: 0.5);
            });
        },
        ["LatentAutoencoder"] = () =>
        {
            var (network, x) = (new LatentAutoencoder(width: 32), (randn(16, 2).mm(randn(2, 784)) * 3).sigmoid());
            return (network, () =>
            {
                var (image, mean, logVariance) = network.forward(x);
                return LatentLoss.Value(image, mean, logVariance, x, beta: 2);
            });
        },
        // The critic learns against a generator that stands still: its own loss falls.
        ["WassersteinPair"] = () =>
        {
            var (generator, critic) = (new WassersteinGenerator(width: 8), new WassersteinCritic(width: 8));
            var (z, real) = (randn(16, 16), ones(16, 1, 16, 16));
            return (critic, () =>
            {
                var fake = generator.forward(z).detach();
                var between = ((fake + real) / 2).requires_grad_(true);
                var slope = autograd.grad([critic.forward(between).sum()], [between], create_graph: true, retain_graph: true)[0];
                return WassersteinLoss.Value(critic.forward(fake), critic.forward(real), slope, weight: 10);
            });
        },
        ["SeriesClassifier"] = () =>
        {
            var (network, series) = (new SeriesClassifier(width: 12), randn(16, 9, 3));
            var (lengths, label) = (randint(1, 10, [16]), randint(0, 4, [16]));
            return (network, () => nn.functional.cross_entropy(network.forward(series, lengths), label));
        },
        ["ContrastiveEncoder"] = () =>
        {
            var (network, image) = (new ContrastiveEncoder(width: 8), randn(12, 3, 16, 16));
            var other = image + (randn_like(image) * 0.1);
            return (network, () => ContrastiveLoss.Value(network.forward(image), network.forward(other), temperature: 0.2));
        },
        ["SetRegressor"] = () =>
        {
            var (network, points) = (new SetRegressor(), randn(32, 7, 3));
            return (network, () => (network.forward(points) - points.amax([1]).sum(1, keepdim: true)).square().mean());
        },
        ["ModulatedNet"] = () =>
        {
            var network = ModulatedNet.Of(blocks: 3, width: 8);
            var (image, condition) = (randn(12, 3, 9, 8), randn(12, 7));
            return (network, () => (network.forward(image, condition) - condition[.., ..5]).square().mean());
        },
        ["AdversarialClassifier"] = () =>
        {
            var (network, image) = (new AdversarialClassifier(strength: 0.1), randn(12, 3, 28, 28));
            var (classes, isSource) = (randint(0, 10, [12]), rand(12).round());
            return (network, () =>
            {
                var (label, domain) = network.forward(image);
                return AdversarialLoss.Value(label, domain, classes, isSource);
            });
        },
        ["FieldCompressor"] = () =>
        {
            var (network, field) = (new FieldCompressor(width: 4), randn(64, 1, 16, 16));
            // Two parameters: the mean, and the amplitude, by differences.
            var shifted = stack([field + 0.1, field - 0.1, field * 1.1, field * 0.9]);
            return (network, () =>
            {
                var ends = network.forward(shifted.flatten(0, 1)).reshape(4, 64, 2) / 0.2;
                return FieldFisher.Value(network.forward(field), stack([ends[0] - ends[1], ends[2] - ends[3]]), strength: 1);
            });
        },
    };

    public static TheoryData<string> Names => [.. _models.Keys];

    [Theory]
    [MemberData(nameof(Names))]
    public void Model_Trains(string name)
    {
        manual_seed(7);
        using var scope = NewDisposeScope();
        var (network, loss) = _models[name]();
        using var optimiser = optim.Adam(network.parameters(), 1e-2);
        var values = new List<double>();
        for (var step = 0; step < 25; step++)
        {
            using var inner = NewDisposeScope();
            optimiser.zero_grad();
            var value = loss();
            value.backward();
            optimiser.step();
            values.Add(value.item<float>());
        }
        Assert.All(values, value => Assert.True(double.IsFinite(value)));
        Assert.True(values[^5..].Average() < values[0] - (0.05 * Math.Abs(values[0])), string.Join(", ", values));
    }

    /// <summary>The table of docs/results.md holds what is counted here: lines that are neither empty, comments nor imports.</summary>
    [Fact]
    public void Lines_AreAsThePageHasThem()
    {
        var page = File.ReadAllText(Repository.Path("docs", "results.md"));
        var expected = _models.Keys.Select(name =>
        {
            var snake = Regex.Replace(name, "(?<=[a-z])(?=[A-Z])", "_").ToLowerInvariant();
            var ours = Lines(Repository.Path("PropertyTests", "Zoo", "Dozen", name + ".cs"), "using ", "namespace ", "//");
            var theirs = Lines(Repository.Path("bench", "peers", "dozen", snake + ".py"), "import ", "from ", "\"\"\"", "#");
            return (name, ours, theirs);
        }).ToList();
        var rows = expected.Select(row => $"| {row.name} | {row.ours} | {row.theirs} |")
            .Append($"| together | {expected.Sum(row => row.ours)} | {expected.Sum(row => row.theirs)} |").ToList();
        Assert.All(rows, row => Assert.True(page.Contains(row, StringComparison.Ordinal), string.Join("\n", rows)));
    }

    private static int Lines(string file, params string[] besides)
        => File.ReadLines(file).Select(line => line.Trim()).Count(
            line => line.Length > 0 && line is not ("{" or "}")
                && !Array.Exists(besides, start => line.StartsWith(start, StringComparison.Ordinal)));
}
