using System;
using System.Collections.Generic;
using System.Linq;
using System.Reflection;
using Hybrid.Graphs;
using Hybrid.Programs;
using Hybrid.PropertyTests.Compiler.Roslyn;
using TorchSharp;
using Xunit;
using static TorchSharp.torch;

namespace Hybrid.PropertyTests.Compiler.Running;

/// <summary>What a card says, against counts by hand and against networks that run.</summary>
[Collection(nameof(Tensors))]
public sealed class CardTests
{
    private static readonly Lazy<IReadOnlyDictionary<string, Generators.Model.SpecModel>> _models = new(
        () => Reading.Models(Specs.Compile([.. ZooSources.All.Values])));

    private static Graph Graph(Type type)
        => Reading.Evaluate(_models.Value[type.FullName!], new Dictionary<string, int> { ["hidden"] = 7 }).Graph!;

    private const string Small = """
        using Hybrid;

        [Network(Dims = "B, H", Where = "H % 2 == 0, H >= 5")]
        [Derive(Variant.Card)]
        public partial class Small
        {
            [Spec] [return: Shape("B, 10")]
            static Sym Forward([Shape("B, 3, H, 10")] Sym image)
            {
                var stem = image.Conv2d(8, k: 3).Relu();
                var layer = Layer.Linear(10, bias: false, key: "head");
                var y = stem.MeanPool2d();
                return layer.On(y) + layer.On(y * 2);
            }
        }
        """;

    [Fact]
    public void CostsAreCountedByHand()
    {
        var (compilation, _) = Specs.Generate(Specs.Compile(Small));
        var type = Assembly.Load(Specs.Emit(compilation)).GetType("Small")!;
        var graph = Trace.Of(type);
        // 3·8·9 + 8 weights of the convolution, 8·10 of the shared layer.
        Assert.Equal("304", Cards.Parameters(graph).ToString());
        const long b = 5, h = 12;
        long Value(Algebra.Dim dim) => dim.Evaluate(symbol => symbol == "B" ? b : h)!.Value;
        var pixels = (h - 2) * 8;
        // convolution, relu, mean, product, twice the shared layer, sum
        Assert.Equal(
            (b * 8 * pixels * 2 * 27) + (b * 8 * pixels) + (b * 8 * pixels) + (b * 8) + (2 * b * 2 * 80) + (b * 10),
            Value(Cards.Flops(graph)));
        // stem, relu, mean, product, three results of 10
        Assert.Equal(4 * ((b * 8 * pixels) + (b * 8 * pixels) + (b * 8) + (b * 8) + (3 * b * 10)), Value(Cards.ActivationBytes(graph)));
    }

    [Fact]
    public void TheGeneratedCardIsTheGraphs()
    {
        var (compilation, _) = Specs.Generate(Specs.Compile(Small));
        var type = Assembly.Load(Specs.Emit(compilation)).GetType("Small")!;
        var card = (ModelCard)type.GetProperty("ModelCard", BindingFlags.Public | BindingFlags.Static)!.GetValue(null)!;
        // The reader knows the locals' names, which a trace does not see.
        Assert.Equal(Cards.Of(Reading.Evaluate(Reading.Models(Specs.Compile(Small))["Small"]).Graph!), card);
        Assert.Equal("B = 1, H = 6", card.Smallest);
        Assert.Equal(["stem.weight", "stem.bias", "head.weight"], card.Tensors.Select(tensor => tensor.Key));
        Assert.Contains("  i0 -->|\"B, 3, H, 10\"| n0\n", card.Mermaid);
        Assert.Contains("| Linear | head | (B, 10) | 80 | 160·B |", card.Markdown);
        Assert.Contains("| Linear | head | (B, 10) |  | 160·B |", card.Markdown);
    }

    /// <summary>What a network inside costs is on its own card, and said so.</summary>
    [Fact]
    public void NetworksInside_AreNamedNotForgotten()
    {
        var card = Zoo.SetComparison.ModelCard;
        // Linear 4·4 + 4, two of 6·6 + 6 and 6·4 + 4, the embedding 3·2, the head 20·3 + 3.
        Assert.Equal("159 + those of encoder, moments, coded_1.of_1, coded_2.of_1", card.Parameters);
        Assert.EndsWith(" + those of encoder, moments, coded_1.of_1, coded_2.of_1", card.Flops);
        Assert.Contains("| Of | encoder | (B, N/2, 8) | its own | its own |", card.Markdown);
    }

    public static TheoryData<string> Networks => ZooNetworks.Networks;

    /// <summary>The smallest input runs, the keys are the module's, the parameters are those it has.</summary>
    [Theory]
    [MemberData(nameof(Networks))]
    public void CardsAreTrueOfTheModule(string name)
    {
        using var scope = NewDisposeScope();
        using var _ = no_grad();
        var type = typeof(Zoo.LeNet).Assembly.GetType(name)!;
        var graph = Graph(type);
        var network = new RunningNetwork(type, graph, new Dictionary<string, int> { ["hidden"] = 7 }, ScalarType.Float32);
        network.Module.eval();
        var smallest = Cards.Smallest(graph).ToDictionary(size => size.Key, size => size.Value);
        foreach (var fact in graph.Facts.Declared.Concat(graph.Facts.Inferred))
            Assert.True(fact.Holds(symbol => smallest[symbol]), $"{name}: {fact} does not hold at {string.Join(", ", smallest)}");
        Assert.NotEmpty(network.Forward(network.Inputs(smallest, ScalarType.Float32)));
        Assert.Equal(
            graph.Layers.Select(layer => layer.Key),
            Trace.Of(type, new Dictionary<string, int> { ["hidden"] = 7 }).Layers.Select(layer => layer.Key));
        // Another network inside lists its own tensors.
        if (graph.Nodes.Any(node => node.Operation is "Of" or "Module")) return;
        var card = Cards.Of(graph);
        Assert.Equal(
            network.Module.state_dict().Keys.Order(StringComparer.Ordinal),
            card.Tensors.Select(tensor => tensor.Key).Order(StringComparer.Ordinal));
        Assert.True(Cards.Parameters(graph).TryConstant(out var parameters), $"{name}: {card.Parameters}");
        Assert.Equal(network.Module.parameters().Sum(parameter => parameter.numel()), parameters);
    }
}
