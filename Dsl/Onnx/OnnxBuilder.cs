using System;
using System.Collections.Generic;
using System.Globalization;
using System.Linq;
using Hybrid.Algebra;
using Hybrid.Graphs;

namespace Hybrid.Onnx;

/// <summary>Collects the nodes of a graph while its operations are translated.</summary>
internal sealed class OnnxBuilder
{
    private readonly Dictionary<string, string> _constants = new(StringComparer.Ordinal);
    private readonly HashSet<string> _names = new(StringComparer.Ordinal);

    public List<OnnxNode> Nodes { get; } = [];

    public List<OnnxWeight> Weights { get; } = [];

    public List<OnnxConstant> Constants { get; } = [];

    /// <summary>A name that nothing has yet.</summary>
    public string Fresh(string wanted)
    {
        var name = wanted;
        for (var n = 2; !_names.Add(name); n++) name = $"{wanted}_{n}";
        return name;
    }

    /// <summary>A node with one output, whose name is returned.</summary>
    /// <param name="operation">ONNX's operator.</param>
    /// <param name="inputs">Names.</param>
    /// <param name="attributes">Null values are left out.</param>
    public string Add(string operation, IReadOnlyList<string> inputs, params (string Name, object? Value)[] attributes)
    {
        var output = Fresh(operation.ToLowerInvariant());
        Nodes.Add(new OnnxNode(operation, inputs, [output], attributes.Where(a => a.Value is not null).Select(a => new KeyValuePair<string, object>(a.Name, a.Value!)).ToList()));
        return output;
    }

    /// <summary>Gives the last node's output another name; a value that no node of its own computes gets one that passes it on.</summary>
    public string Rename(string value, string wanted)
    {
        var name = Fresh(wanted);
        var last = Nodes.Count - 1;
        if (last >= 0 && Nodes[last].Outputs.Count == 1 && Nodes[last].Outputs[0] == value) Nodes[last] = Nodes[last] with { Outputs = [name] };
        else Nodes.Add(new OnnxNode("Identity", [value], [name], []));
        return name;
    }

    public string Integers(params long[] values) => Constant([values.Length], null, values);

    public string Integer(long value) => Constant([], null, [value]);

    public string Single(double value) => Constant([], [(float)value], null);

    public string Singles(IReadOnlyList<long> shape, float[] values) => Constant(shape, values, null);

    /// <summary>A weight; the same key is the same tensor.</summary>
    public string Weight(string key, Shape shape)
    {
        if (Weights.All(weight => weight.Key != key)) Weights.Add(new OnnxWeight(key, shape.Sizes.Select(size => size.TryConstant(out var n) ? n : throw new InvalidOperationException($"the size {size} of '{key}' is no number")).ToList()));
        return key;
    }

    // Equal constants are one.
    private string Constant(IReadOnlyList<long> shape, float[]? singles, long[]? integers)
    {
        var text = $"{string.Join("x", shape)}:{(singles is null ? "i" + string.Join(",", integers!) : "f" + string.Join(",", singles.Select(v => v.ToString("R", CultureInfo.InvariantCulture))))}";
        if (_constants.TryGetValue(text, out var known)) return known;
        var name = Fresh("constant");
        _constants.Add(text, name);
        Constants.Add(new OnnxConstant(name, shape, singles, integers));
        return name;
    }
}

/// <summary>The sizes of one network's graph as ONNX computes them: a network inside another has symbols of its own.</summary>
/// <param name="builder">Where the nodes go.</param>
/// <param name="graph">The network's graph.</param>
/// <param name="values">Names of its values in ONNX, the inputs' at least.</param>
internal sealed class OnnxSizes(OnnxBuilder builder, Graph graph, IReadOnlyDictionary<int, string> values)
{
    private readonly Dictionary<Dim, string> _sizes = [];

    /// <summary>A one-dimensional tensor of sizes for Reshape and its like; one open size needs no computing there.</summary>
    public string Shape(IReadOnlyList<Dim> sizes)
    {
        if (sizes.Count(size => !size.IsConstant) <= 1) return builder.Integers(sizes.Select(size => size.TryConstant(out var n) ? n : -1).ToArray());
        return Values(sizes);
    }

    /// <summary>A one-dimensional tensor of sizes, each computed.</summary>
    public string Values(IReadOnlyList<Dim> sizes)
        => sizes.All(size => size.IsConstant) ? builder.Integers(sizes.Select(size => size.TryConstant(out var n) ? n : 0).ToArray()) : builder.Add("Concat", sizes.Select(Vector).ToList(), ("axis", 0L));

    /// <summary>A size as a tensor of one integer, shape (1).</summary>
    public string Vector(Dim size)
    {
        if (size.TryConstant(out var number)) return builder.Integers(number);
        if (_sizes.TryGetValue(size, out var known)) return known;
        var terms = size.Terms.Select(term =>
        {
            var factors = term.Atoms.Select(Atom).ToList();
            if (term.Coefficient != 1 || factors.Count == 0) factors.Insert(0, builder.Integers(term.Coefficient));
            return factors.Aggregate((a, b) => builder.Add("Mul", [a, b]));
        });
        return _sizes[size] = terms.Aggregate((a, b) => builder.Add("Add", [a, b]));
    }

    private string Atom(Atom atom) => atom switch
    {
        // Sizes are no smaller than 0 here, so that ONNX's division, which rounds towards 0, is the floor.
        FloorAtom floor => builder.Add("Div", [Vector(floor.Numerator), Vector(floor.Divisor)]),
        SymbolAtom symbol => Symbol(symbol.Name),
        _ => throw new InvalidOperationException($"the size {atom} is of no known kind"),
    };

    private string Symbol(string name)
    {
        var size = Dim.Symbol(name);
        if (_sizes.TryGetValue(size, out var known)) return known;
        foreach (var input in graph.Inputs)
        {
            for (var axis = 0; axis < input.Shape.Rank; axis++)
            {
                if (!input.Shape[axis].Equals(size)) continue;
                return _sizes[size] = builder.Add("Gather", [builder.Add("Shape", [values[input.Id]]), builder.Integers(axis)], ("axis", 0L));
            }
        }
        throw new NotSupportedException($"{graph.Name}: the size {name} is no axis of an input by itself, so an ONNX graph cannot read it. Give the input an axis of size {name}, or fix the size.");
    }
}
