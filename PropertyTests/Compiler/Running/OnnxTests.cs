using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Runtime.Loader;
using Hybrid.Graphs;
using Hybrid.Models.Weights;
using Hybrid.Onnx;
using Hybrid.Programs;
using Hybrid.PropertyTests.Compiler.Roslyn;
using Hybrid.Rules;
using TorchSharp;
using Xunit;
using static TorchSharp.torch;

namespace Hybrid.PropertyTests.Compiler.Running;

/// <summary>
/// What is exported computes what the module computes, by onnxruntime at several sizes, and ONNX's checker has nothing against it.
/// </summary>
[Collection(nameof(Tensors))]
public sealed class OnnxTests
{
    // What ordinary runs take of the published networks; HYBRID_TEST_ALL=1 takes all.
    private static readonly string[] _selection =
        [
            nameof(Hybrid.Models.Networks.ResNet18), nameof(Hybrid.Models.Networks.EfficientNetB2),
            nameof(Zoo.Literature.SmallVisionTransformer), nameof(Zoo.Literature.LstmClassifier), nameof(Zoo.Literature.TextClassifier),
        ];

    // The cases beside the zoo and random specs, always the same, in one compilation.
    private static readonly Lazy<IReadOnlyList<Type>> _compiled = new(() =>
    {
        var random = new Random(12);
        var specs = Enumerable.Range(0, OnnxRun.All ? 150 : 36)
            .Select(n => RandomSpecs.Write(
                [.. Enumerable.Range(0, 3 + (n % 6)).Select(_ => (random.Next(1000), random.Next(1000), random.Next(1000)))], $"Net{n}"));
        var compilation = Specs.Compile(OnnxSpecs.Source, "using Hybrid;\nnamespace Random;\n" + string.Concat(specs));
        Assert.Empty(Specs.Analyze(compilation).Where(d => d.Severity == Microsoft.CodeAnalysis.DiagnosticSeverity.Error));
        var assembly = new AssemblyLoadContext("onnx", isCollectible: true)
            .LoadFromStream(new MemoryStream(Specs.Emit(Specs.Generate(compilation).Compilation)));
        return
        [
            .. assembly.GetExportedTypes()
                .Where(type => !type.IsNested && type.IsSubclassOf(typeof(nn.Module)))
                .OrderBy(type => type.FullName, StringComparer.Ordinal),
        ];
    });

    private static IEnumerable<Type> Networks(Type one)
        => one.Assembly.GetExportedTypes()
            .Where(t => !t.IsNested && t.Namespace == one.Namespace && t.IsSubclassOf(typeof(nn.Module)))
            .OrderBy(t => t.Name, StringComparer.Ordinal);

    private static Type Case(string name) => _compiled.Value.Single(type => type.FullName == "Onnx." + name);

    private static RunningNetwork Running(Type type, Dictionary<string, int>? sizes = null)
    {
        sizes ??= PublishedNetworks.Sizes(type);
        return new RunningNetwork(type, Trace.Of(type, sizes), sizes, ScalarType.Float32);
    }

    private static void Hold(OnnxRun run)
    {
        var failures = run.Compare().Concat(OnnxRun.HasChecker ? run.Check() : []).ToList();
        Assert.True(failures.Count == 0, string.Join("\n", failures));
    }

    /// <summary>
    /// The whole catalogue: every operation of the language is in some network here, but hand-written modules and what only speaks to the
    /// checker.
    /// </summary>
    [Fact]
    public void ExportedNetworks_ComputeWhatTheModulesCompute()
    {
        using var run = new OnnxRun();
        var exported = new HashSet<string>();
        foreach (
            var type in Networks(typeof(Zoo.LeNet))
                .Concat(Networks(typeof(Zoo.Layers.Series)))
                .Concat(_compiled.Value)
                .Where(type => type.Name != nameof(Zoo.Composed)))
        {
            using var scope = NewDisposeScope();
            var network = Running(type);
            run.Add(network, isExact: true);
            exported.UnionWith(network.Graph.Nodes.Select(node => node.Operation));
        }
        Hold(run);
        Assert.Empty(RuleTable.All.Select(rule => rule.Name).Except(exported).Except(["Module", "Is", "Broadcast", "ReinterpretUnsafe"]));
    }

    public static TheoryData<string> Published => [.. OnnxRun.All ? PublishedNetworks.All.Keys : _selection];

    /// <summary>Published networks at their smallest sizes, and where they leave sizes open at larger ones.</summary>
    [Theory]
    [MemberData(nameof(Published))]
    public void PublishedNetworks_ComputeWhatTheModulesCompute(string name)
    {
        using var scope = NewDisposeScope();
        using var run = new OnnxRun();
        var network = Running(PublishedNetworks.All[name]);
        var smallest = Cards.Smallest(network.Graph).ToDictionary(size => size.Key, size => size.Value);
        var larger = smallest.ToDictionary();
        foreach (var symbol in smallest.Keys)
        {
            // One more, or the next that the facts admit.
            do larger[symbol]++;
            while (
                network.Graph.Facts.Declared.Concat(network.Graph.Facts.Inferred).Any(fact => fact.Holds(s => larger[s]) != true)
                    && larger[symbol] < smallest[symbol] + 64);
        }
        run.Add(network, isExact: false, smallest, larger);
        Hold(run);
        network.Module.Dispose();
    }

    [Fact]
    public void InputsAndOutputs_HaveTheSpecsNamesAndSizes()
    {
        using var scope = NewDisposeScope();
        using var run = new OnnxRun();
        foreach (var name in new[] { "Names", "Nested", "Formulas", "WholeNumbers" }) run.Add(Running(Case(name)), isExact: false);
        run.Add(Running(typeof(Zoo.LeNet)), isExact: false);
        Hold(run);
        string Text(string name)
            => string.Join("; ", run.Signatures[name + ".onnx"].Inputs.AsEnumerable())
                + " -> "
                + string.Join("; ", run.Signatures[name + ".onnx"].Outputs.AsEnumerable());
        // A result that has an input's name comes under another.
        Assert.Equal(
            "token: float32 [B, 4]; weight: float32 [B, 4] -> token_2: float32 [B, 4]; scaled: float32 [B, 4]; same: float32 [B, 4]",
            Text("Onnx.Names"));
        Assert.Equal(
            "left: float32 [B, 2*S, 3]; right: float32 [B, 2*S, 3]; shift: float32 [B, 3] -> distance: float32 [B]; codes: float32 [B, S, "
                + "6]",
            Text("Onnx.Nested"));
        Assert.Equal(
            "x: float32 [B, 2*N+1, 2]; y: float32 [2*M, 3] -> output1: float32 [B, N, 2]; output2: float32 [M, 2]; output3: float32 [M, "
                + "N, 8]",
            Text("Onnx.Formulas"));
        Assert.StartsWith(
            "words: int64 [B, T]; x: float32 [B, T]; mask: bool [B, T] -> output1: float32 [B, T]; output2: float32 [B, 2*T]; output3: "
                + "int64 [2, B, T]; output4: bool [T, B]; ",
            Text("Onnx.WholeNumbers"));
        Assert.EndsWith("-> output: float32 [B, 10]", Text(typeof(Zoo.LeNet).FullName!));
    }

    /// <summary>A shared layer's weight is one tensor, also inside of networks; an input's name goes before a key.</summary>
    [Fact]
    public void Weights_AreNamedByTheirCheckpointKeys()
    {
        using var scope = NewDisposeScope();
        foreach (
            var type in new[]
            {
                Case("Nested"), typeof(Zoo.Siamese), typeof(Zoo.Layers.Recurrences), typeof(Zoo.Layers.Equivariant),
                typeof(Zoo.Layers.Attentions),
            })
        {
            var network = Running(type);
            var weights = OnnxFile.Graph(network.Module).Weights;
            Assert.All(weights, weight => Assert.Equal(weight.Key, weight.Name));
            Assert.Equal(
                network.Module.state_dict().Keys.Where(key => !key.EndsWith("num_batches_tracked", StringComparison.Ordinal))
                    .Order(StringComparer.Ordinal),
                weights.Select(weight => weight.Key).Order(StringComparer.Ordinal));
        }
        Assert.Equal(
            [("token", "token_3"), ("scaled", "scaled_2"), ("mul", "mul")],
            OnnxFile.Graph(Running(Case("Names")).Module).Weights.Select(weight => (weight.Key, weight.Name)));
    }

    /// <summary>[Param] sizes are the module's, also of a network inside; the contract stands in the metadata.</summary>
    [Fact]
    public void ParamSizes_AreTheModules()
    {
        using var scope = NewDisposeScope();
        using var run = new OnnxRun();
        var network = Running(Case("Nested"), new() { ["width"] = 3 });
        run.Add(network, isExact: false);
        Hold(run);
        var graph = OnnxFile.Graph(network.Module);
        Assert.Equal([3, 6], graph.Weights.Single(weight => weight.Key == "linear_2.weight").Shape);
        var (metadata, tensors) = run.Read("Onnx.Nested.onnx");
        Assert.Equal(
            ["network = Onnx.Nested", "dims = B, S", "where = ", "param.width = 3"],
            metadata.Select(entry => $"{entry.Key} = {entry.Value}"));
        Assert.Equal(
            network.Module.state_dict().Keys.Order(StringComparer.Ordinal),
            tensors.Where(name => !name.StartsWith("constant", StringComparison.Ordinal)).Order(StringComparer.Ordinal));
        Assert.Equal("T % 2 == 0", OnnxFile.Graph(Running(Case("Encoder")).Module).Metadata.Single(entry => entry.Key == "where").Value);
    }

    [Fact]
    public void WhatCannotBeWritten_IsRefusedByName()
    {
        static string Refusal(Graph graph)
            => Assert.Throws<NotSupportedException>(() => OnnxExport.Of(graph, _ => throw new InvalidOperationException())).Message;
        Assert.Equal(
            "Net: Inverse of matrices of the open size N, which ONNX's operator set 17 does not express.",
            Refusal(Trace.Of("Net", "B, N", "", [("x", "B, N, N")], x => [x[0].Inverse()])));
        Assert.Equal(
            "Net: the size N follows from no axis of an input, so an ONNX graph cannot read it. Give an input an axis of size N, or fix "
                + "the size.",
            Refusal(Trace.Of("Net", "B, N", "", [("x", "B, 1"), ("y", "N*N, 2")], x => [x[0].Expand("B, N"), x[1]])));
        Assert.StartsWith("Hybrid.PropertyTests.Zoo.GaussianNll is a loss: ", Refusal(Trace.Of(typeof(Zoo.GaussianNll))));

        // The file that is there stays.
        var path = Path.GetTempFileName();
        File.WriteAllText(path, "there before");
        using var composed = new Zoo.Composed();
        var byHand = Assert.Throws<NotSupportedException>(() => OnnxFile.Save(path, composed)).Message;
        Assert.Equal(
            "Hybrid.PropertyTests.Zoo.Composed: the layer 'halver' is Hybrid.PropertyTests.Zoo.Halver, a module written by hand; ONNX is "
                + "translated from specs. Write it as a [Network] and use it by Layer.Of.",
            byHand);
        Assert.Contains(
            "has no method marked [Spec]",
            Assert.Throws<ArgumentException>(() => OnnxFile.Save(path, nn.Linear(2, 2))).Message,
            StringComparison.Ordinal);
        using var ensemble = new Zoo.Mlp.Ensemble(2);
        Assert.Contains(
            "export the members of the ensemble one by one: ensemble.Member(0) is a Mlp.",
            Assert.Throws<ArgumentException>(() => OnnxFile.Save(path, ensemble)).Message,
            StringComparison.Ordinal);
        using var flipout = new Zoo.Mlp.Flipout();
        Assert.Contains(
            "Mean() or Sample() is a Mlp.",
            Assert.Throws<ArgumentException>(() => OnnxFile.Save(path, flipout)).Message,
            StringComparison.Ordinal);
        Assert.Equal("there before", File.ReadAllText(path));
        File.Delete(path);
    }
}
