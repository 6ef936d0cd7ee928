using System;
using System.Collections.Generic;
using System.Linq;
using Hybrid.Algebra;
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
    /// <param name="parameters">The [Param] sizes that the graph was traced with, for the metadata.</param>
    /// <exception cref="NotSupportedException">An operation has no equivalent in operator set 17, or a size cannot be computed there; the message names it.</exception>
    public static OnnxGraph Of(Graph graph, Func<string, Graph> networks, IReadOnlyDictionary<string, int>? parameters = null)
    {
        if (graph.Kind != GraphKind.Network) throw new NotSupportedException($"{graph.Name} is a loss: ONNX export writes a network's inference.");
        graph = Fixed(graph);
        var builder = new OnnxBuilder();
        var inputs = graph.Inputs.Select(input => Tensor(builder.Fresh(input.Name ?? $"input{input.Id}"), input.Shape)).ToList();
        var outputs = graph.Outputs.Select((output, n) =>
        {
            var given = n < graph.OutputNames.Count ? graph.OutputNames[n] : "";
            return Tensor(builder.Fresh(given.Length > 0 ? given : graph.Outputs.Count == 1 ? "output" : $"output{n + 1}"), graph.Values[output].Shape);
        }).ToList();
        foreach (var layer in graph.Layers.Where(layer => layer.Weights.Any(weight => weight.Name.Length == 0))) builder.Reserve(layer.Key);
        var results = Translate(builder, graph, "", inputs.Select(input => input.Name).ToList(), networks);
        // The outputs' names are theirs already; whatever computes a result passes it on under that name.
        for (var n = 0; n < outputs.Count; n++) builder.Nodes.Add(new OnnxNode("Identity", [results[n]], [outputs[n].Name], []));
        return new OnnxGraph(graph.Name, inputs, outputs, builder.Nodes, builder.Weights, builder.Constants, Metadata(graph, parameters).ToList());
    }

    /// <summary>What the sizes must fulfil is not checked by an ONNX runtime: it stands in the file for those who call it.</summary>
    private static IEnumerable<KeyValuePair<string, string>> Metadata(Graph graph, IReadOnlyDictionary<string, int>? parameters)
    {
        yield return new("network", graph.Name);
        yield return new("dims", string.Join(", ", graph.Facts.Symbols));
        var guards = graph.Guards.Where(guard => !guard.InTraining).Select(guard => $"{guard.Left} {Comparison.Sign(guard.Relation)} {guard.Right}");
        yield return new("where", string.Join(", ", graph.Facts.Declared.Concat(graph.Facts.Inferred).Select(fact => fact.Text).Concat(guards)));
        foreach (var parameter in parameters ?? new Dictionary<string, int>()) yield return new($"param.{parameter.Key}", $"{parameter.Value}");
    }

    // A symbol that the facts make a number is that number.
    private static Graph Fixed(Graph graph)
        => graph with { Values = graph.Values.Select(value => value with { Shape = value.Shape.Substitute(graph.Facts.ConstantOf) }).ToEquatable() };

    private static OnnxTensor Tensor(string name, Shape shape) => new(name, shape.Element, shape.Sizes.Select(size => size.ToString().Replace('·', '*')).ToList());

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
                var inner = Fixed(networks(((Argument.Text)code.Argument("network")).Value));
                var inside = Translate(builder, inner, code.Key + ".", node.Inputs.Where(input => input >= 0).Select(input => values[input]).ToList(), networks);
                for (var n = 0; n < inside.Count; n++) values[node.Outputs[n]] = inside[n];
                continue;
            }
            if (node.Operation == "Module")
            {
                var type = ((Argument.Text)code.Argument("type")).Value;
                throw new NotSupportedException($"{graph.Name}: the layer '{code.Key}' is {type}, a module written by hand; ONNX is translated from specs. Write it as a [Network] and use it by Layer.Of.");
            }
            if (!OnnxOperations.All.TryGetValue(node.Operation, out var write))
                throw new NotSupportedException($"{graph.Name}: {node.Operation}{(code.Key.Length > prefix.Length ? $" '{code.Key}'" : "")} has no equivalent in ONNX's operator set {OnnxGraph.OperatorSet}.");
            var results = write(code);
            for (var n = 0; n < results.Count; n++)
            {
                var name = graph.Values[node.Outputs[n]].Name;
                values[node.Outputs[n]] = name is null || values.Values.Contains(results[n]) ? results[n] : builder.Rename(results[n], prefix + name);
            }
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

    /// <summary>The input, as real numbers where the result holds such.</summary>
    public string X => Real("x");

    public Shape Shape => Read.Shape();

    public Shape Result => Read.Result();

    public string In(string parameter) => Read.In(parameter);

    /// <summary>An input tensor; whole numbers and truth values as real numbers where the result is real, as libtorch's arithmetic takes them.</summary>
    public string Real(string parameter) => As(Result.Element, In(parameter), Read.Shape(parameter).Element);

    /// <summary>A tensor as one of another element type.</summary>
    public string As(ElementType wanted, string tensor, ElementType element)
        => wanted == element ? tensor : Add("Cast", [tensor], ("to", wanted switch { ElementType.Int64 => 7L, ElementType.Bool => 9L, _ => 1L }));

    public Argument Argument(string parameter) => Read.Argument(parameter);

    public bool HasWeight(string name) => Read.HasWeight(name);

    public string Weight(string name) => Builder.Weight(name.Length == 0 ? Key : $"{Key}.{name}", Graph.Layers[Node.Layer].Weights.Single(weight => weight.Name == name).Shape, Graph.Facts);

    /// <summary>A size that has to be a number.</summary>
    public long Number(Dim size) => size.TryConstant(out var number) ? number : throw Refused($"of the open size {size}");

    public string Add(string operation, IReadOnlyList<string> inputs, params (string Name, object? Value)[] attributes) => Builder.Add(operation, inputs, attributes);

    public string Transpose(string x, params long[] order) => Add("Transpose", [x], ("perm", order));

    public string Reshape(string x, params long[] sizes) => Add("Reshape", [x, Builder.Integers(sizes)]);

    public string Unsqueeze(string x, params long[] axes) => Add("Unsqueeze", [x, Builder.Integers(axes)]);

    /// <summary>A stretch of an axis.</summary>
    public string Slice(string x, long axis, long start, long end) => Add("Slice", [x, Builder.Integers(start), Builder.Integers(end), Builder.Integers(axis)]);

    /// <summary>The mean over some axes.</summary>
    public string Mean(string x, bool keep, params long[] axes) => Add("ReduceMean", [x], ("axes", axes), ("keepdims", keep ? 1L : 0L));

    /// <summary>The sum over some axes.</summary>
    public string Sum(string x, bool keep, params long[] axes) => Add("ReduceSum", [x, Builder.Integers(axes)], ("keepdims", keep ? 1L : 0L));

    public string Add(string left, string right) => Add("Add", [left, right]);

    public string Subtract(string left, string right) => Add("Sub", [left, right]);

    public string Multiply(string left, string right) => Add("Mul", [left, right]);

    public string Divide(string left, string right) => Add("Div", [left, right]);

    /// <summary>0, 1, … up to a size, whole numbers of shape (size).</summary>
    public string Count(Dim size)
        => size.TryConstant(out var number) && number <= 4096 ? Builder.Integers(Enumerable.Range(0, (int)number).Select(n => (long)n).ToArray())
            : Add("Range", [Builder.Integer(0), Sizes.Scalar(size), Builder.Integer(1)]);

    /// <summary>An axis from the front.</summary>
    public long Axis(string parameter, int rank)
    {
        var axis = Read.Integer(parameter);
        return axis < 0 ? axis + rank : axis;
    }

    public long[] Along(string parameter) => Read.Along(parameter).Select(size => (long)size).ToArray();

    public NotSupportedException Refused(string reason) => new($"{Graph.Name}: {Node.Operation} {reason}, which ONNX's operator set {OnnxGraph.OperatorSet} does not express.");
}
