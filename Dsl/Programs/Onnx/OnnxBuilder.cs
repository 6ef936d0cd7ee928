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
    private readonly Dictionary<string, string> _weights = new(StringComparer.Ordinal);
    private readonly Dictionary<string, string> _reserved = new(StringComparer.Ordinal);
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
        => AddMany(operation, 1, inputs, attributes)[0];

    /// <summary>A node with several outputs.</summary>
    /// <returns>Their names.</returns>
    public IReadOnlyList<string> AddMany(
        string operation,
        int count,
        IReadOnlyList<string> inputs,
        params (string Name, object? Value)[] attributes)
    {
        var outputs = Enumerable.Range(0, count).Select(_ => Fresh(operation.ToLowerInvariant())).ToList();
        Nodes.Add(new OnnxNode(
            operation, inputs, outputs,
            attributes.Where(a => a.Value is not null).Select(a => new KeyValuePair<string, object>(a.Name, a.Value!)).ToList()));
        return outputs;
    }

    /// <summary>Gives the last node's output another name; a value that no node of its own computes gets one that passes it on.</summary>
    public string Rename(string value, string wanted)
    {
        var name = Fresh(wanted);
        var last = Nodes.Count - 1;
        if (last >= 0 && Nodes[last].Outputs.Count == 1 && Nodes[last].Outputs[0] == value)
            Nodes[last] = Nodes[last] with { Outputs = [name] };
        else Nodes.Add(new OnnxNode("Identity", [value], [name], []));
        return name;
    }

    /// <summary>Whether a value comes from that operator.</summary>
    public bool Is(string value, string operation) => Nodes.Any(node => node.Operator == operation && node.Outputs.Contains(value));

    public string Integers(params long[] values) => Constant([values.Length], null, values);

    /// <summary>Whole numbers as a tensor of the given shape.</summary>
    public string IntegersOf(IReadOnlyList<long> shape, long[] values) => Constant(shape, null, values);

    public string Integer(long value) => Constant([], null, [value]);

    public string Single(double value) => Constant([], [(float)value], null);

    public string Singles(IReadOnlyList<long> shape, float[] values) => Constant(shape, values, null);

    /// <summary>A weight; the same key is the same tensor. It is named by its key, unless an input or output has that name.</summary>
    /// <param name="key">Checkpoint key.</param>
    /// <param name="shape">Its sizes; the facts may fix a symbol in them.</param>
    /// <param name="facts">Of the network.</param>
    public string Weight(string key, Shape shape, Facts facts)
    {
        if (_weights.TryGetValue(key, out var known)) return known;
        var sizes = shape.Sizes.Select(size => size.Substitute(facts.ConstantOf).TryConstant(out var n)
            ? n : throw new NotSupportedException(
                $"the size {size} of the weight '{key}' is open; a file of weights holds numbers. Fix it by Where.")).ToList();
        Weights.Add(new OnnxWeight(key, Reserve(key), sizes));
        return _weights[key] = _reserved[key];
    }

    /// <summary>Keeps a key's name for its weight: without a dot in it, an operation's result could take it.</summary>
    public string Reserve(string key) => _reserved.TryGetValue(key, out var name) ? name : _reserved[key] = Fresh(key);

    // Equal constants are one.
    private string Constant(IReadOnlyList<long> shape, float[]? singles, long[]? integers)
    {
        var values = singles is null
            ? "i" + string.Join(",", integers!)
            : "f" + string.Join(",", singles.Select(v => v.ToString("R", CultureInfo.InvariantCulture)));
        var text = $"{string.Join("x", shape)}:{values}";
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
        if (sizes.Count(size => !size.IsConstant) <= 1)
            return builder.Integers(sizes.Select(size => size.TryConstant(out var n) ? n : -1).ToArray());
        return Values(sizes);
    }

    /// <summary>A one-dimensional tensor of sizes, each computed.</summary>
    public string Values(IReadOnlyList<Dim> sizes)
        => sizes.All(size => size.IsConstant)
            ? builder.Integers(sizes.Select(size => size.TryConstant(out var n) ? n : 0).ToArray())
            : builder.Add("Concat", sizes.Select(Vector).ToList(), ("axis", 0L));

    /// <summary>A size as a tensor of one integer, shape ().</summary>
    public string Scalar(Dim size)
        => size.TryConstant(out var number) ? builder.Integer(number) : builder.Add("Squeeze", [Vector(size), builder.Integers(0)]);

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
        FloorAtom floor => Floor(Vector(floor.Numerator), Vector(floor.Divisor), floor.Divisor.IsConstant),
        SymbolAtom symbol => Symbol(symbol.Name),
        _ => throw new InvalidOperationException($"the size {atom} is of no known kind"),
    };

    // ONNX's division rounds towards 0. Over a number, the canonical form has no negative terms but the offset, so that it is the floor;
    // over a formula it may be of either sign.
    private string Floor(string numerator, string divisor, bool isNumber)
        => builder.Add("Div", [isNumber ? numerator : builder.Add("Sub", [numerator, builder.Add("Mod", [numerator, divisor])]), divisor]);

    private string Symbol(string name)
    {
        var symbol = Dim.Symbol(name);
        if (_sizes.TryGetValue(symbol, out var known)) return known;
        if (graph.Facts.ConstantOf(name) is { } constant) return _sizes[symbol] = Vector(constant);
        // Plain symbols first; then sizes such as 2·N + 1 that give the one symbol they hold.
        var axes = graph.Inputs.SelectMany(
            input => Enumerable.Range(0, input.Shape.Rank).Select(axis => (Input: input, Axis: axis, Size: input.Shape[axis])))
            .Where(axis => axis.Size.Symbols.Count == 1 && axis.Size.Symbols.First() == name && axis.Size.Affine is not null)
                .OrderBy(axis => axis.Size.AsSymbol is null)
                .ToList();
        if (axes.Count == 0)
        {
            throw new NotSupportedException(
                $"{graph.Name}: the size {name} follows from no axis of an input, so an ONNX graph cannot read it. Give an input an axis "
                    + $"of size {name}, or fix the size.");
        }
        var (input, axis, size) = axes[0];
        var (slope, offset) = size.Affine!.Value;
        var read = builder.Add("Gather", [builder.Add("Shape", [values[input.Id]]), builder.Integers(axis)], ("axis", 0L));
        if (offset != 0) read = builder.Add("Sub", [read, builder.Integers(offset)]);
        return _sizes[symbol] = slope == 1 ? read : builder.Add("Div", [read, builder.Integers(slope)]);
    }
}
