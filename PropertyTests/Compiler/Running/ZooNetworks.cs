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
        .Where(t => !t.IsNested && t.IsSubclassOf(typeof(nn.Module))).Select(t => t.FullName!)];

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
