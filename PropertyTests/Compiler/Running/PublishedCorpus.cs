using System;
using System.Collections.Generic;
using System.Linq;
using Hybrid.Graphs;
using Hybrid.Programs;
using Hybrid.PropertyTests.Compiler.Roslyn;
using Hybrid.Rules;
using TorchSharp;
using Xunit;
using static TorchSharp.torch;

namespace Hybrid.PropertyTests.Compiler.Running;

/// <summary>
/// Correct models, as published or as the systems on top of the language use them: the checker has nothing to say of them, and they run.
/// </summary>
[Collection(nameof(Tensors))]
public sealed class PublishedCorpus
{
    private static readonly Lazy<IReadOnlyDictionary<string, Generators.Model.SpecModel>> _models =
        new(() => Reading.Models(Specs.Compile([.. ZooSources.All.Values])));

    private static IEnumerable<Type> Types => PublishedNetworks.All.Values;

    public static TheoryData<string> Networks => [.. Types.Select(type => type.Name)];

    private static Type TypeOf(string name) => PublishedNetworks.All[name];

    private static Graph GraphOf(string name)
        => Reading.Evaluate(_models.Value[TypeOf(name).FullName!], PublishedNetworks.Sizes(TypeOf(name))).Graph!;

    private static long Parameters(Graph graph)
    {
        Assert.True(Cards.Parameters(graph).TryConstant(out var parameters), $"{graph.Name}: {Cards.Parameters(graph)} parameters");
        return parameters;
    }

    /// <summary>
    /// torchvision 0.15's models at 1000 classes (R3D-18: 400); PyTorch's DCGAN tutorial. LASTRO's 5.674 M count running statistics too,
    /// see below. ResNet-34d: ResNet-34 with 28,640 instead of 9,536 in its stem (timm gives 21.82 M).
    /// </summary>
    [Theory]
    [InlineData(nameof(Hybrid.Models.Networks.ResNet18), 11_689_512)]
    [InlineData(nameof(Hybrid.Models.Networks.ResNet34), 21_797_672)]
    [InlineData(nameof(Hybrid.Models.Networks.ResNet50), 25_557_032)]
    [InlineData(nameof(Hybrid.Models.Networks.ResNet34d), 21_816_904)]
    [InlineData(nameof(Hybrid.Models.Networks.Vgg16), 138_357_544)]
    [InlineData(nameof(Hybrid.Models.Networks.AlexNet), 61_100_840)]
    [InlineData(nameof(Hybrid.Models.Networks.SqueezeNet), 1_235_496)]
    [InlineData(nameof(Hybrid.Models.Networks.DenseNet121), 7_978_856)]
    [InlineData(nameof(Hybrid.Models.Networks.EfficientNetB2), 9_109_994)]
    [InlineData(nameof(Hybrid.Models.Networks.MobileNetV2), 3_504_872)]
    [InlineData(nameof(Hybrid.Models.Networks.ConvNextTiny), 28_589_128)]
    [InlineData(nameof(Hybrid.Models.Networks.VisionTransformerB16), 86_567_656)]
    [InlineData(nameof(Hybrid.Models.Networks.VideoResNet18), 33_371_472)]
    [InlineData(nameof(Hybrid.Models.Networks.DcganGenerator), 3_576_704)]
    [InlineData(nameof(Hybrid.Models.Networks.DcganDiscriminator), 2_765_568)]
    public void ParametersAreThePublishedOnes(string name, long expected) => Assert.Equal(expected, Parameters(GraphOf(name)));

    [Fact]
    public void LastrosNumbersAreThePublishedOnes()
    {
        var graph = GraphOf(nameof(Hybrid.Models.Systems.LensFinding.LastroLensFinder));
        var numbers = graph.Layers.SelectMany(layer => layer.Weights)
            .Where(weight => !weight.Name.StartsWith("num_", StringComparison.Ordinal))
            .Sum(weight => weight.Shape.Elements.TryConstant(out var n) ? n : 0);
        Assert.Equal(5_674_081, numbers);
    }

    [Fact]
    public void ThereAreAtLeastThirtyModels()
    {
        Assert.True(Types.Count() >= 30, $"{Types.Count()} models");
        // No report was silenced.
        Assert.DoesNotContain(
            ZooSources.All.Values,
            source => source.Contains("#pragma", StringComparison.Ordinal) || source.Contains("SuppressMessage", StringComparison.Ordinal));
    }

    /// <summary>No error, no warning; of what is demanded of sizes, less than 2 % is left to a check at run time (here: nothing).</summary>
    [Fact]
    public void TheCheckerHasNothingToSay()
    {
        var (nodes, open) = (0, 0);
        foreach (var type in Types)
        {
            var read = Reading.Evaluate(_models.Value[type.FullName!]);
            Assert.True(read.Faults.All(fault => fault.Severity == FaultSeverity.Info), $"{type.Name}: {string.Join("; ", read.Faults)}");
            nodes += read.Graph!.Nodes.Count;
            open += read.Faults.Count(fault => fault.Id == "HYB1090");
        }
        Assert.True(nodes > 1000, $"{nodes} operations");
        Assert.True(open * 50 < nodes, $"{open} of {nodes} operations are not provable");
    }

    /// <summary>What is built has the parameters that the graph says, and makes of its smallest legal input what it promises.</summary>
    [Theory]
    [MemberData(nameof(Networks))]
    public void Runs(string name)
    {
        using var scope = NewDisposeScope();
        using var still = no_grad();
        var graph = GraphOf(name);
        // Half a gigabyte of random numbers tests nothing: its graph is checked, and its layers run in smaller networks.
        if (Parameters(graph) > 100_000_000) return;
        manual_seed(1);
        var network = new RunningNetwork(TypeOf(name), graph, PublishedNetworks.Sizes(TypeOf(name)), ScalarType.Float32);
        // Networks inside count and name their own.
        var inside = graph.Layers.Where(layer => RuleTable.Get(layer.Operation).HoldsLayer).Select(layer => layer.Key + ".").ToArray();
        bool IsOwn(string key) => !inside.Any(prefix => key.StartsWith(prefix, StringComparison.Ordinal));
        Assert.Equal(
            Parameters(graph), network.Module.named_parameters().Where(entry => IsOwn(entry.name)).Sum(entry => entry.parameter.numel()));
        Assert.Equal(
            graph.Layers.SelectMany(layer => layer.Weights.Select(layer.KeyOf)).Order(StringComparer.Ordinal),
            network.Module.state_dict().Keys.Where(IsOwn).Order(StringComparer.Ordinal));
        network.Module.eval();
        var sizes = Cards.Smallest(graph).ToDictionary(size => size.Key, size => size.Value);
        // A mask without a place would be a mean over nothing.
        var inputs = network.Inputs(sizes, ScalarType.Float32)
            .Select(input => input.dtype == ScalarType.Bool ? input.ones_like() : input).ToArray();
        var results = network.Forward(inputs);
        foreach (var (result, promised) in results.Zip(graph.Results))
        {
            Assert.Equal(RunningNetwork.Shape(promised.Shape, sizes), result.shape);
            Assert.True(result.isfinite().all().ToBoolean(), $"{name}: a result is not finite");
        }
        network.Module.Dispose();
    }

    /// <summary>The keys of torchvision's vit_b_16, so that its weights load.</summary>
    [Fact]
    public void VisionTransformersKeysAreTorchvisions()
    {
        var expected = new List<string> { "class_token", "conv_proj.weight", "conv_proj.bias", "encoder.pos_embedding" };
        for (var i = 0; i < 12; i++)
            foreach (var key in new[]
            {
                "ln_1.weight", "ln_1.bias", "self_attention.in_proj_weight", "self_attention.in_proj_bias",
                "self_attention.out_proj.weight", "self_attention.out_proj.bias", "ln_2.weight", "ln_2.bias", "mlp.0.weight", "mlp.0.bias",
                "mlp.3.weight", "mlp.3.bias",
            })
                expected.Add($"encoder.layers.encoder_layer_{i}.{key}");
        expected.AddRange(["encoder.ln.weight", "encoder.ln.bias", "heads.head.weight", "heads.head.bias"]);
        var graph = GraphOf(nameof(Hybrid.Models.Networks.VisionTransformerB16));
        Assert.Equal(
            expected.Order(StringComparer.Ordinal),
            graph.Layers.SelectMany(layer => layer.Weights.Select(layer.KeyOf)).Order(StringComparer.Ordinal));
    }
}
