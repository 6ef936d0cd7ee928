using System;
using System.Collections.Generic;
using System.Linq;
using Hybrid.Algebra;
using Hybrid.Graphs;
using Hybrid.Programs;

namespace Hybrid.Onnx;

/// <summary>
/// Translates a network's graph to ONNX: what it computes in evaluation mode, with the sizes of its inputs left open where the spec leaves
/// them open.
/// </summary>
public static class OnnxExport
{
    /// <summary>The ONNX graph of a network.</summary>
    /// <param name="graph">Of a network whose [Param]s have their values
    /// (<see cref="Trace.Of(Type, IReadOnlyDictionary{string, object}?)"/>).</param>
    /// <param name="networks">The graphs of networks that are used as layers, by class name.</param>
    /// <param name="parameters">The [Param]s that the graph was traced with, for the metadata.</param>
    /// <exception cref="NotSupportedException">An operation has no equivalent in operator set 17, or a size cannot be computed there; the
    /// message names it.</exception>
    public static OnnxGraph Of(Graph graph, Func<string, Graph> networks, IReadOnlyDictionary<string, object>? parameters = null)
    {
        if (graph.Kind != GraphKind.Network)
            throw new NotSupportedException($"{graph.Name} is a loss: ONNX export writes a network's inference.");
        graph = Fixed(graph);
        var builder = new OnnxBuilder();
        var inputs = graph.Inputs.Select(input => Tensor(builder.Fresh(input.Name ?? $"input{input.Id}"), input.Shape)).ToList();
        var outputs = graph.Outputs.Select((output, n) =>
        {
            var given = n < graph.OutputNames.Count ? graph.OutputNames[n] : "";
            return Tensor(
                builder.Fresh(given.Length > 0 ? given : graph.Outputs.Count == 1 ? "output" : $"output{n + 1}"),
                graph.Values[output].Shape);
        }).ToList();
        foreach (var layer in graph.Layers.Where(layer => layer.Weights.Any(weight => weight.Name.Length == 0))) builder.Reserve(layer.Key);
        var results = Translate(builder, graph, "", inputs.Select(input => input.Name).ToList(), networks);
        // The outputs' names are theirs already; whatever computes a result passes it on under that name.
        for (var n = 0; n < outputs.Count; n++) builder.Nodes.Add(new OnnxNode("Identity", [results[n]], [outputs[n].Name], []));
        return new OnnxGraph(
            graph.Name, inputs, outputs, builder.Nodes, builder.Weights, builder.Constants, Metadata(graph, parameters).ToList());
    }

    /// <summary>What the sizes must fulfil is not checked by an ONNX runtime: it stands in the file for those who call it.</summary>
    private static IEnumerable<KeyValuePair<string, string>> Metadata(Graph graph, IReadOnlyDictionary<string, object>? parameters)
    {
        yield return new("network", graph.Name);
        yield return new("dims", string.Join(", ", graph.Facts.Symbols));
        var guards = graph.Guards.Where(guard => !guard.InTraining)
            .Select(guard => $"{guard.Left} {Comparison.Sign(guard.Relation)} {guard.Right}");
        yield return new(
            "where", string.Join(", ", graph.Facts.Declared.Concat(graph.Facts.Inferred).Select(fact => fact.Text).Concat(guards)));
        foreach (var parameter in parameters ?? new Dictionary<string, object>())
            yield return new($"param.{parameter.Key}", FormattableString.Invariant($"{parameter.Value}"));
    }

    // A symbol that the facts make a number is that number.
    private static Graph Fixed(Graph graph)
        => graph with
        {
            Values = graph.Values.Select(value => value with { Shape = value.Shape.Substitute(graph.Facts.ConstantOf) }).ToEquatable(),
        };

    private static OnnxTensor Tensor(string name, Shape shape)
        => new(name, shape.Element, shape.Sizes.Select(size => size.ToString().Replace('·', '*')).ToList());

    /// <summary>Adds a network's nodes.</summary>
    /// <returns>The names of its results.</returns>
    private static List<string> Translate(
        OnnxBuilder builder,
        Graph graph,
        string prefix,
        IReadOnlyList<string> inputs,
        Func<string, Graph> networks)
    {
        var values = graph.Inputs.ToDictionary(input => input.Id, input => inputs[input.Id]);
        var sizes = new OnnxSizes(builder, graph, values);
        foreach (var node in graph.Nodes)
        {
            var code = new OnnxCode(builder, sizes, graph, node, prefix, values);
            if (InnerNetwork.Of(graph, node.Layer) is { } network)
            {
                var given = node.Inputs.Where(input => input >= 0).Select(input => values[input]).ToList();
                var inside = Translate(builder, Fixed(networks(network.Name)), code.Key + ".", given, networks);
                for (var n = 0; n < inside.Count; n++) values[node.Outputs[n]] = inside[n];
                continue;
            }
            var results = code.Rule.OnnxResults(code)
                ?? throw new NotSupportedException(
                    $"{graph.Name}: {node.Operation}{(code.Key.Length > prefix.Length ? $" '{code.Key}'" : "")} "
                    + $"has no equivalent in ONNX's operator set {OnnxGraph.OperatorSet}.");
            for (var n = 0; n < results.Count; n++)
            {
                var name = graph.Values[node.Outputs[n]].Name;
                values[node.Outputs[n]] = name is null || values.Values.Contains(results[n])
                    ? results[n]
                    : builder.Rename(results[n], prefix + name);
            }
        }
        return graph.Outputs.Select(output => values[output]).ToList();
    }
}
