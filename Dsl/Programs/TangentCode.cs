using System;
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
    /// The tangent of an input that meets values of higher rank: with axes of size 1 after the first, so that it broadcasts as the value does.
    /// </summary>
    public string? TangentOf(string parameter, int rank)
    {
        if (TangentOf(parameter) is not { } tangent) return null;
        for (var own = Shape(parameter).Rank; own < rank; own++) tangent += ".unsqueeze(1)";
        return tangent;
    }

    /// <summary>The value this node computes.</summary>
    public string Out { get; internal set; } = "";

    /// <summary>The expression that <see cref="Out"/> is assigned; a rule may replace it to share work between value and tangent.</summary>
    public string? Value { get; set; }

    /// <summary>The tangent's expression, which the rule sets.</summary>
    internal string? Tangent { get; private set; }

    public bool Set(string tangent)
    {
        Tangent = tangent;
        return true;
    }

    /// <summary>Declares a local before the tangent: <c>var name = expression; // comment</c>. Returns its name.</summary>
    public string Local(string name, string expression, string shape)
    {
        var local = _local(name);
        _line($"var {local} = {expression};", shape);
        return local;
    }
}
