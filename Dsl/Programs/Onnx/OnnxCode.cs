using System;
using System.Collections.Generic;
using System.Linq;
using Hybrid.Algebra;
using Hybrid.Graphs;
using Hybrid.Programs;

namespace Hybrid.Onnx;

/// <summary>
/// One node while it is translated to ONNX: the names of what it reads, its arguments, its weights, and the nodes that it adds.
/// </summary>
internal sealed class OnnxCode(
    OnnxBuilder builder, OnnxSizes sizes, Graph graph, Node node, string prefix, IReadOnlyDictionary<int, string> values)
    : NodeCode(
        graph,
        node,
        value => values[value],
        weight => WeightOf(builder, graph, node, prefix, weight),
        size => size.ToString(),
        "false")
{
    public OnnxBuilder Builder => builder;

    public OnnxSizes Sizes => sizes;

    /// <summary>The layer's checkpoint key; the prefix alone where there are no weights.</summary>
    public string Key => KeyOf(Graph, Node, prefix);

    private static string KeyOf(Graph graph, Node node, string prefix) => node.Layer < 0 ? prefix : prefix + graph.Layers[node.Layer].Key;

    private static string WeightOf(OnnxBuilder builder, Graph graph, Node node, string prefix, string name)
    {
        var (key, weight) = (KeyOf(graph, node, prefix), graph.Layers[node.Layer].Weights.Single(weight => weight.Name == name));
        return builder.Weight(name.Length == 0 ? key : $"{key}.{name}", weight.Shape, graph.Facts);
    }

    // What the node reads.

    /// <summary>The input, as real numbers where the result holds such.</summary>
    public string X => InReal("x");

    /// <summary>
    /// An input tensor; whole numbers and truth values as real numbers where the result is real, as in libtorch's arithmetic.
    /// </summary>
    public string InReal(string parameter) => As(Result().Element, In(parameter), Shape(parameter).Element);

    /// <summary>A tensor as one of another element type.</summary>
    public string As(ElementType wanted, string tensor, ElementType element)
        => wanted == element
            ? tensor
            : Add("Cast", [tensor], ("to", wanted switch { ElementType.Int64 => 7L, ElementType.Bool => 9L, _ => 1L }));

    /// <summary>A size that has to be a number.</summary>
    public long Known(Dim size) => size.TryConstant(out var number) ? number : throw Refused($"of the open size {size}");

    /// <summary>The numbers along the spatial axes that an extent gives, as ONNX takes them.</summary>
    public long[] Lengths(string parameter) => Along(parameter).Select(size => (long)size).ToArray();

    /// <summary>An axis from the front.</summary>
    public long Axis(string parameter, int rank)
    {
        var axis = Integer(parameter);
        return axis < 0 ? axis + rank : axis;
    }

    /// <summary>The axes of a reduction of x, from the front; all when none are given.</summary>
    public long[] Axes(string parameter)
    {
        var rank = Shape().Rank;
        var axes = Argument(parameter) is Argument.Integers given
            ? given.Values.Select(axis => (long)(axis < 0 ? axis + rank : axis))
            : Enumerable.Range(0, rank).Select(axis => (long)axis);
        return axes.OrderBy(axis => axis).ToArray();
    }

    // The nodes that it adds.

    public string Add(string operation, IReadOnlyList<string> inputs, params (string Name, object? Value)[] attributes)
        => Builder.Add(operation, inputs, attributes);

    public string Add(string left, string right) => Add("Add", [left, right]);

    public string Subtract(string left, string right) => Add("Sub", [left, right]);

    public string Multiply(string left, string right) => Add("Mul", [left, right]);

    public string Divide(string left, string right) => Add("Div", [left, right]);

    /// <summary>The mean over some axes.</summary>
    public string Mean(string x, bool keep, params long[] axes) => Add("ReduceMean", [x], ("axes", axes), ("keepdims", keep ? 1L : 0L));

    /// <summary>The sum over some axes.</summary>
    public string Sum(string x, bool keep, params long[] axes)
        => Add("ReduceSum", [x, Builder.Integers(axes)], ("keepdims", keep ? 1L : 0L));

    /// <summary>The largest value over some axes.</summary>
    public string Largest(string x, bool keep, params long[] axes) => Add("ReduceMax", [x], ("axes", axes), ("keepdims", keep ? 1L : 0L));

    public string Transpose(string x, params long[] order) => Add("Transpose", [x], ("perm", order));

    public string Unsqueeze(string x, params long[] axes) => Add("Unsqueeze", [x, Builder.Integers(axes)]);

    public string Reshape(string x, params long[] sizes) => Add("Reshape", [x, Builder.Integers(sizes)]);

    /// <summary>The input under the result's sizes.</summary>
    public string Reshaped() => Add("Reshape", [X, Sizes.Shape(Result().Sizes.ToList())]);

    /// <summary>A tensor of the channels, (C) → (C, 1, …), so that it meets axis 1.</summary>
    public string PerChannel(string weight)
        => Shape().Rank == 2 ? weight : Reshape(weight, Enumerable.Repeat(1L, Shape().Rank - 2).Prepend(-1).ToArray());

    /// <summary>A stretch of an axis.</summary>
    public string Slice(string x, long axis, long start, long end)
        => Add("Slice", [x, Builder.Integers(start), Builder.Integers(end), Builder.Integers(axis)]);

    /// <summary>0, 1, … up to a size, whole numbers of shape (size).</summary>
    public string Count(Dim size)
        => size.TryConstant(out var number) && number <= 4096
            ? Builder.Integers(Enumerable.Range(0, (int)number).Select(n => (long)n).ToArray())
            : Add("Range", [Builder.Integer(0), Sizes.Scalar(size), Builder.Integer(1)]);

    public NotSupportedException Refused(string reason)
        => new($"{Graph.Name}: {Node.Operation} {reason}, which ONNX's operator set {OnnxGraph.OperatorSet} does not express.");
}
