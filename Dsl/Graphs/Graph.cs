using System.Collections.Generic;
using System.Globalization;
using System.Linq;
using Hybrid.Algebra;

namespace Hybrid.Graphs;

public enum GraphKind
{
    Network,
    Loss,
}

/// <summary>What the generated constructor takes: a size, or a real number.</summary>
/// <param name="Name">The [Param]'s name.</param>
/// <param name="Default">A size's default; null where there is none, and for a real number.</param>
public sealed record SpecParameter(string Name, long? Default)
{
    /// <summary>Whether it is a double; a size otherwise.</summary>
    public bool IsReal { get; init; }

    /// <summary>A real number's default.</summary>
    public double? RealDefault { get; init; }

    /// <summary>Its type in generated code.</summary>
    public string Type => IsReal ? "double" : "long";

    /// <summary>Its default as C#; null where there is none.</summary>
    public string? DefaultText
        => RealDefault is { } real ? Programs.CSharpText.Literal(real) : Default?.ToString(CultureInfo.InvariantCulture);
}

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
/// <param name="Parameters">[Param] sizes and real numbers.</param>
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
    EquatableArray<SpecParameter> Parameters,
    EquatableArray<Value> Values,
    int InputCount,
    EquatableArray<LayerInfo> Layers,
    EquatableArray<Node> Nodes,
    EquatableArray<int> Outputs,
    EquatableArray<Shape> Promised,
    EquatableArray<Guard> Guards,
    EquatableArray<string> OutputNames)
{
    /// <summary>What holds of the numbers that [Param]s decide.</summary>
    public EquatableArray<NumberRange> Ranges { get; init; } = EquatableArray<NumberRange>.Empty;

    /// <summary>The [Param]s that are sizes.</summary>
    public IEnumerable<SpecParameter> Sizes => Parameters.Where(parameter => !parameter.IsReal);

    public IEnumerable<Value> Inputs => Values.Take(InputCount);

    public IEnumerable<Value> Results => Outputs.Select(output => Values[output]);

    /// <summary>The class's own name, without namespace.</summary>
    public string ClassName => Name.Substring(Name.LastIndexOf('.') + 1);
}
