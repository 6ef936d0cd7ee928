using System;
using System.Collections.Generic;
using System.Linq;
using Hybrid.Graphs;
using Hybrid.PropertyTests.Compiler.Roslyn;
using TorchSharp;
using Xunit;
using static TorchSharp.torch;

namespace Hybrid.PropertyTests.Compiler.Running;

/// <summary>Tests that draw from the process's one random generator, or seed it, run one after another.</summary>
[CollectionDefinition(nameof(Tensors), DisableParallelization = true)]
public sealed class Tensors;

/// <summary>The laws on the zoo's networks, as the build compiled them.</summary>
[Collection(nameof(Tensors))]
public sealed class ZooNetworks
{
    private static readonly Lazy<IReadOnlyDictionary<string, Generators.Model.SpecModel>> _models = new(() => Reading.Models(Specs.Compile([.. ZooSources.All.Values])));

    public static TheoryData<string> Networks => [.. typeof(Zoo.LeNet).Assembly.GetExportedTypes()
        .Where(t => !t.IsNested && t.Namespace == typeof(Zoo.LeNet).Namespace && t.IsSubclassOf(typeof(nn.Module))).Select(t => t.FullName!)];

    /// <summary>Published networks that are small enough to be drawn, differentiated and saved here.</summary>
    public static TheoryData<string> SmallPublished =>
    [
        nameof(Zoo.Published.AffineCoupling), nameof(Zoo.Published.Autoencoder), nameof(Zoo.Published.FullyConvolutional), nameof(Zoo.Published.MixtureDensity),
        nameof(Zoo.Published.SpectralMlp), nameof(Zoo.Published.TemporalConvolution), nameof(Zoo.Published.TransformerEncoder), nameof(Zoo.Published.VariationalAutoencoder),
    ];

    /// <summary>Networks that hold one family of layers each.</summary>
    public static TheoryData<string> Layers => [.. typeof(Zoo.Layers.Series).Assembly.GetExportedTypes()
        .Where(t => !t.IsNested && t.Namespace == typeof(Zoo.Layers.Series).Namespace && t.IsSubclassOf(typeof(nn.Module))).Select(t => t.FullName!)];

    [Theory]
    [MemberData(nameof(Layers))]
    public void LawsHoldForLayers(string name)
    {
        var graph = Reading.Evaluate(_models.Value[name]).Graph!;
        var random = new Random(name.Length);
        for (var round = 0; round < 2; round++)
            ProgramLaws.Hold(new RunningNetwork(typeof(Zoo.Layers.Series).Assembly.GetType(name)!, graph, new Dictionary<string, int>(), ScalarType.Float64), random);
    }

    [Theory]
    [MemberData(nameof(SmallPublished))]
    public void LawsHoldForPublished(string name)
    {
        var type = typeof(Zoo.Published.Vgg16).Assembly.GetType($"{typeof(Zoo.Published.Vgg16).Namespace}.{name}")!;
        var graph = Reading.Evaluate(_models.Value[type.FullName!]).Graph!;
        ProgramLaws.Hold(new RunningNetwork(type, graph, new Dictionary<string, int>(), ScalarType.Float64), new Random(name.Length));
    }

    /// <summary>Parameters of the specs, against the published numbers (torchvision 0.15's models at 1000 classes; PyTorch's DCGAN tutorial).</summary>
    [Theory]
    [InlineData(nameof(Zoo.Published.ResNet18), 11_689_512)]
    [InlineData(nameof(Zoo.Published.ResNet34), 21_797_672)]
    [InlineData(nameof(Zoo.Published.Vgg16), 138_357_544)]
    [InlineData(nameof(Zoo.Published.DenseNet121), 7_978_856)]
    [InlineData(nameof(Zoo.Published.EfficientNetB2), 9_109_994)]
    [InlineData(nameof(Zoo.Published.MobileNetV2), 3_504_872)]
    [InlineData(nameof(Zoo.Published.DcganGenerator), 3_576_704)]
    [InlineData(nameof(Zoo.Published.DcganDiscriminator), 2_765_568)]
    public void ParametersAreThePublishedOnes(string name, long expected)
    {
        var graph = Reading.Evaluate(_models.Value[$"{typeof(Zoo.Published.Vgg16).Namespace}.{name}"]).Graph!;
        var counted = graph.Layers.SelectMany(layer => layer.Weights).Where(weight => weight.Role == WeightRole.Parameter)
            .Aggregate(Algebra.Dim.Zero, (sum, weight) => sum + weight.Shape.Elements);
        Assert.True(counted.TryConstant(out var parameters), $"{name}: {counted} parameters");
        Assert.Equal(expected, parameters);
    }

    /// <summary>What is built has the parameters that the graph says, and makes of images what it promises.</summary>
    [Theory]
    [InlineData(nameof(Zoo.Published.ResNet18))]
    [InlineData(nameof(Zoo.Published.DenseNet121))]
    [InlineData(nameof(Zoo.Published.EfficientNetB2))]
    [InlineData(nameof(Zoo.Published.MobileNetV2))]
    public void PublishedClassifiersRun(string name)
    {
        using var scope = NewDisposeScope();
        using var _ = no_grad();
        var type = typeof(Zoo.Published.Vgg16).Assembly.GetType($"{typeof(Zoo.Published.Vgg16).Namespace}.{name}")!;
        var graph = Reading.Evaluate(_models.Value[type.FullName!]).Graph!;
        var network = (nn.Module<Tensor, Tensor>)type.GetConstructors().Single().Invoke([null, null]);
        var expected = graph.Layers.SelectMany(layer => layer.Weights).Where(weight => weight.Role == WeightRole.Parameter).Sum(weight => weight.Shape.Elements.TryConstant(out var n) ? n : 0);
        Assert.Equal(expected, network.parameters().Sum(parameter => parameter.numel()));
        network.eval();
        var classes = network.forward(randn(1, 3, 64, 96).expand(2, -1, -1, -1));
        Assert.Equal([2, 1000], classes.shape);
        Assert.True(classes.isfinite().all().ToBoolean(), $"{name}: the output is not finite");
        network.Dispose();
    }

    /// <summary>Correct models: not one diagnostic, and nothing left unproved but the one demand whose guard other tests need.</summary>
    [Fact]
    public void TheZooHasNoDiagnostics()
        => Assert.Equal(
            ["HYB1090 Cov: cannot prove N >= 2. A run-time guard was generated."],
            Specs.Analyze(Specs.Compile([.. ZooSources.All.Values])).Select(diagnostic => $"{diagnostic.Id} {diagnostic.GetMessage()}"));

    [Theory]
    [MemberData(nameof(Networks))]
    public void LawsHold(string name)
    {
        var sizes = new Dictionary<string, int> { ["hidden"] = 7 };
        var graph = Reading.Evaluate(_models.Value[name], sizes).Graph!;
        var random = new Random(name.Length);
        for (var round = 0; round < 3; round++)
            ProgramLaws.Hold(new RunningNetwork(typeof(Zoo.LeNet).Assembly.GetType(name)!, graph, sizes, ScalarType.Float64), random);
    }
}
