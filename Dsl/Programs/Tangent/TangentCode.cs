using System;
using System.Collections.Generic;
using System.Linq;
using Hybrid.Algebra;
using Hybrid.Graphs;

namespace Hybrid.Programs;

/// <summary>
/// One node while its tangent is written. A tangent has a leading axis of K directions, (K, …) against the value's (…): axes are written
/// counted from the end, where both have the same.
/// </summary>
public sealed class TangentCode : NodeCode
{
    private readonly Func<int, string?> _tangent;
    private readonly Action<string, string> _line;
    private readonly Func<string, string> _local;

    internal TangentCode(
        Graph graph, Node node, Func<int, string> value, Func<string, string> weight, Func<Dim, string> size, string training,
        Func<int, string?> tangent, Action<string, string> line, Func<string, string> local)
        : base(graph, node, value, weight, size, training)
        => (_tangent, _line, _local) = (tangent, line, local);

    /// <summary>False: the slopes are read from the inputs after the value is there.</summary>
    public override bool MayOverwrite(string parameter = "x") => false;

    /// <summary>The tangent of an input; null when the input does not depend on what is differentiated.</summary>
    public string? TangentOf(string parameter = "x")
    {
        var position = Rule.Signature.TensorParameters.Select((p, i) => (p.Name, i)).First(p => p.Name == parameter).i;
        return Node.Inputs[position] < 0 ? null : _tangent(Node.Inputs[position]);
    }

    /// <summary>
    /// The tangent of an input that meets values of higher rank: with axes of size 1 after the first, so that it broadcasts as the value
    /// does.
    /// </summary>
    public string? TangentOf(string parameter, int rank)
    {
        if (TangentOf(parameter) is not { } tangent) return null;
        for (var own = Shape(parameter).Rank; own < rank; own++) tangent += ".unsqueeze(1)";
        return tangent;
    }

    /// <summary>The value this node computes; of several, the first.</summary>
    public string Out => Outs[0];

    /// <summary>The values this node computes.</summary>
    public IReadOnlyList<string> Outs { get; internal set; } = [];

    /// <summary>The expression that <see cref="Out"/> is assigned; a rule may replace it to share work between value and tangent.</summary>
    public string? Value { get; set; }

    /// <summary>The expressions of the outputs' tangents, which the rule sets; none where they do not move with the inputs.</summary>
    internal IReadOnlyList<string> Tangents { get; private set; } = [];

    /// <summary>Sets the tangent of each output; always true.</summary>
    public bool Set(params string[] tangents)
    {
        Tangents = tangents;
        return true;
    }

    /// <summary>The outputs do not move with the inputs, or not with those that do; always true.</summary>
    public bool SetNone() => Set();

    /// <summary>The tangent zero of a value that does not move, along as many directions as another tangent has.</summary>
    /// <param name="value">The value's expression.</param>
    /// <param name="rank">Its axes.</param>
    /// <param name="other">A tangent with the directions.</param>
    public static string Still(string value, int rank, string other)
        => $"{value}.zeros_like().unsqueeze(0).expand({Longs(Enumerable.Repeat("-1", rank).Prepend($"{other}.shape[0]"))})";

    /// <summary>Declares a local before the tangent: <c>var name = expression; // comment</c>. Returns its name.</summary>
    public string Local(string name, string expression, string shape)
    {
        var local = _local(name);
        _line($"var {local} = {expression};", shape);
        return local;
    }
}
