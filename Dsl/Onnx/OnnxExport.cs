using System;
using System.Collections.Generic;
using System.Linq;
using Hybrid.Graphs;
using Hybrid.Programs;
using Hybrid.Rules;

namespace Hybrid.Onnx;

/// <summary>Translates a network's graph to ONNX: what it computes in evaluation mode, with the sizes of its inputs left open where the spec leaves them open.</summary>
public static class OnnxExport
{
    /// <summary>The ONNX graph of a network.</summary>
    /// <param name="graph">Of a network whose [Param] sizes are numbers (<see cref="Trace.Of(Type, IReadOnlyDictionary{string, int}?)"/>).</param>
    /// <param name="networks">The graphs of networks that are used as layers, by class name.</param>
    /// <exception cref="NotSupportedException">An operation has no equivalent in operator set 17, or a size cannot be computed there; the message names it.</exception>
    public static OnnxGraph Of(Graph graph, Func<string, Graph> networks)
    {
        if (graph.Kind != GraphKind.Network) throw new NotSupportedException($"{graph.Name} is a loss: ONNX export writes a network's inference.");
        var builder = new OnnxBuilder();
        var inputs = graph.Inputs.Select(input => Tensor(builder.Fresh(input.Name ?? $"input{input.Id}"), input.Shape)).ToList();
        var outputs = graph.Outputs.Select((output, n) =>
        {
            var given = n < graph.OutputNames.Count ? graph.OutputNames[n] : "";
            return Tensor(builder.Fresh(given.Length > 0 ? given : graph.Outputs.Count == 1 ? "output" : $"output{n + 1}"), graph.Values[output].Shape);
        }).ToList();
        var results = Translate(builder, graph, "", inputs.Select(input => input.Name).ToList(), networks);
        // The outputs' names are theirs already; whatever computes a result passes it on under that name.
        for (var n = 0; n < outputs.Count; n++) builder.Nodes.Add(new OnnxNode("Identity", [results[n]], [outputs[n].Name], []));
        return new OnnxGraph(graph.Name, inputs, outputs, builder.Nodes, builder.Weights, builder.Constants);
    }

    private static OnnxTensor Tensor(string name, Shape shape) => new(name, shape.Element, shape.Sizes.Select(size => size.ToString()).ToList());

    /// <summary>Adds a network's nodes.</summary>
    /// <returns>The names of its results.</returns>
    private static List<string> Translate(OnnxBuilder builder, Graph graph, string prefix, IReadOnlyList<string> inputs, Func<string, Graph> networks)
    {
        var values = graph.Inputs.ToDictionary(input => input.Id, input => inputs[input.Id]);
        var sizes = new OnnxSizes(builder, graph, values);
        foreach (var node in graph.Nodes)
        {
            var code = new OnnxCode(builder, sizes, graph, node, prefix, values);
            if (node.Operation == "Of")
            {
                var inner = networks(((Argument.Text)code.Argument("network")).Value);
                var results = Translate(builder, inner, code.Key + ".", node.Inputs.Where(input => input >= 0).Select(input => values[input]).ToList(), networks);
                for (var n = 0; n < results.Count; n++) values[node.Outputs[n]] = results[n];
                continue;
            }
            if (!OnnxOperations.All.TryGetValue(node.Operation, out var write))
                throw new NotSupportedException($"{graph.Name}: {node.Operation}{(code.Key.Length > prefix.Length ? $" '{code.Key}'" : "")} has no equivalent in ONNX's operator set {OnnxGraph.OperatorSet}.");
            var result = write(code);
            var name = graph.Values[node.Outputs[0]].Name;
            values[node.Outputs[0]] = name is null || values.Values.Contains(result) ? result : builder.Rename(result, prefix + name);
        }
        return graph.Outputs.Select(output => values[output]).ToList();
    }
}

/// <summary>One node while it is translated: the names of what it reads, its arguments, its weights.</summary>
internal sealed class OnnxCode
{
    private readonly string _prefix;
    private readonly IReadOnlyDictionary<int, string> _values;

    public OnnxCode(OnnxBuilder builder, OnnxSizes sizes, Graph graph, Node node, string prefix, IReadOnlyDictionary<int, string> values)
    {
        (Builder, Sizes, Graph, Node, _prefix, _values) = (builder, sizes, graph, node, prefix, values);
        Rule = RuleTable.Get(node.Operation);
        // The arguments are read as every program reads them.
        Read = new NodeCode(graph, node, value => values[value], weight => weight, size => size.ToString(), "false");
    }

    public OnnxBuilder Builder { get; }

    public OnnxSizes Sizes { get; }

    public Graph Graph { get; }

    public Node Node { get; }

    public Rule Rule { get; }

    public NodeCode Read { get; }

    /// <summary>The layer's checkpoint key; the prefix alone where there are no weights.</summary>
    public string Key => Node.Layer < 0 ? _prefix : _prefix + Graph.Layers[Node.Layer].Key;

    public string X => In("x");

    public Shape Shape => Read.Shape();

    public Shape Result => Read.Result();

    public string In(string parameter) => Read.In(parameter);

    public Argument Argument(string parameter) => Read.Argument(parameter);

    public bool HasWeight(string name) => Read.HasWeight(name);

    public string Weight(string name) => Builder.Weight(name.Length == 0 ? Key : $"{Key}.{name}", Graph.Layers[Node.Layer].Weights.Single(weight => weight.Name == name).Shape);

    public string Add(string operation, IReadOnlyList<string> inputs, params (string Name, object? Value)[] attributes) => Builder.Add(operation, inputs, attributes);

    /// <summary>An axis from the front.</summary>
    public long Axis(string parameter, int rank)
    {
        var axis = Read.Integer(parameter);
        return axis < 0 ? axis + rank : axis;
    }

    public long[] Along(string parameter) => Read.Along(parameter).Select(size => (long)size).ToArray();

    public NotSupportedException Refused(string reason) => new($"{Graph.Name}: {Node.Operation} {reason}, which ONNX's operator set {OnnxGraph.OperatorSet} does not express.");
}
