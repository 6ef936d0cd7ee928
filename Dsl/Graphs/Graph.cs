using System.Collections.Generic;
using System.Linq;
using Hybrid.Algebra;

namespace Hybrid.Graphs;

public enum GraphKind
{
    Network,
    Loss,
}

/// <summary>A size that the generated constructor takes.</summary>
public sealed record SizeParameter(string Name, long? Default);

/// <summary>A relation the checker could neither prove nor refute: the generated program checks it when it runs.</summary>
public sealed record Guard(Dim Left, Relation Relation, Dim Right, string Message)
{
    /// <summary>Whether it is checked in training only.</summary>
    public bool InTraining { get; init; }
}

/// <summary>What a spec means. Compares by value; holds no syntax.</summary>
/// <param name="Name">Full class name, dots between namespace and nesting: <c>Zoo.LeNet</c>.</param>
/// <param name="Kind">Network or loss.</param>
/// <param name="Method">The spec method's name; generated static functions carry it.</param>
/// <param name="Facts">Symbols with declared and inferred facts.</param>
/// <param name="Parameters">[Param] sizes.</param>
/// <param name="Values">Every tensor; the first <paramref name="InputCount"/> are the inputs.</param>
/// <param name="InputCount">How many inputs.</param>
/// <param name="Layers">Weighted operations.</param>
/// <param name="Nodes">Operations in order of evaluation.</param>
/// <param name="Outputs">Value numbers; more than one is a tuple.</param>
/// <param name="Promised">The shapes that [return: Shape] promises; empty when the spec promises none.</param>
/// <param name="Guards">Run-time checks.</param>
/// <param name="OutputNames">The names of a returned tuple's elements, "" for one without; empty for a single result.</param>
public sealed record Graph(
    string Name,
    GraphKind Kind,
    string Method,
    Facts Facts,
    EquatableArray<SizeParameter> Parameters,
    EquatableArray<Value> Values,
    int InputCount,
    EquatableArray<LayerInfo> Layers,
    EquatableArray<Node> Nodes,
    EquatableArray<int> Outputs,
    EquatableArray<Shape> Promised,
    EquatableArray<Guard> Guards,
    EquatableArray<string> OutputNames)
{
    public IEnumerable<Value> Inputs => Values.Take(InputCount);

    public IEnumerable<Value> Results => Outputs.Select(output => Values[output]);

    /// <summary>The class's own name, without namespace.</summary>
    public string ClassName => Name.Substring(Name.LastIndexOf('.') + 1);
}
