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
    internal static readonly Lazy<IReadOnlyDictionary<string, Generators.Model.SpecModel>> Models =
        new(() => Reading.Models(Specs.Compile([.. ZooSources.All.Values])));

    public static TheoryData<string> Networks => [.. typeof(Zoo.LeNet).Assembly.GetExportedTypes()
        .Where(t => !t.IsNested && t.Namespace == typeof(Zoo.LeNet).Namespace && t.IsSubclassOf(typeof(nn.Module)))
        .Select(t => t.FullName!)];

    public static TheoryData<string> SmallPublished => [.. PublishedNetworks.Small];

    /// <summary>Networks that hold one family of layers each.</summary>
    public static TheoryData<string> Layers => [.. typeof(Zoo.Layers.Series).Assembly.GetExportedTypes()
        .Where(t => !t.IsNested && t.Namespace == typeof(Zoo.Layers.Series).Namespace
            && t.IsSubclassOf(typeof(nn.Module)))
        .Select(t => t.FullName!)];

    [Theory]
    [MemberData(nameof(Layers))]
    public void LawsHoldForLayers(string name)
    {
        var sizes = new Dictionary<string, int> { ["width"] = 2 };
        var graph = Reading.Evaluate(Models.Value[name], sizes).Graph!;
        var random = new Random(name.Length);
        for (var round = 0; round < 2; round++)
            ProgramLaws.Hold(
                new RunningNetwork(typeof(Zoo.Layers.Series).Assembly.GetType(name)!, graph, sizes, ScalarType.Float64),
                random);
    }

    /// <summary>Networks as people write them, each with every program.</summary>
    public static TheoryData<string> Whole => [.. typeof(Zoo.Whole.Segmenter).Assembly.GetExportedTypes()
        .Where(t => !t.IsNested && t.Namespace == typeof(Zoo.Whole.Segmenter).Namespace
            && t.IsSubclassOf(typeof(nn.Module)))
        .Select(t => t.FullName!)];

    [Theory]
    [MemberData(nameof(Whole))]
    public void LawsHoldForWhole(string name)
    {
        var sizes = new Dictionary<string, int> { ["width"] = 4, ["parts"] = 3, ["hidden"] = 2 };
        var graph = Reading.Evaluate(Models.Value[name], sizes).Graph!;
        var random = new Random(name.Length);
        for (var round = 0; round < 2; round++)
            ProgramLaws.Hold(
                new RunningNetwork(typeof(Zoo.Whole.Segmenter).Assembly.GetType(name)!, graph, sizes, ScalarType.Float64),
                random);
    }

    [Theory]
    [MemberData(nameof(SmallPublished))]
    public void LawsHoldForPublished(string name)
    {
        var type = PublishedNetworks.All[name];
        var graph = Reading.Evaluate(Models.Value[type.FullName!]).Graph!;
        ProgramLaws.Hold(new RunningNetwork(type, graph, new Dictionary<string, int>(), ScalarType.Float64), new Random(name.Length));
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
        var graph = Reading.Evaluate(Models.Value[name], sizes).Graph!;
        var random = new Random(name.Length);
        for (var round = 0; round < 3; round++)
            ProgramLaws.Hold(new RunningNetwork(typeof(Zoo.LeNet).Assembly.GetType(name)!, graph, sizes, ScalarType.Float64), random);
    }
}
