using System.Linq;

namespace Hybrid.Graphs;

/// <summary>What a trace can see of a graph: everything but the names of locals, keys made from them, and places.</summary>
public static class GraphComparison
{
    /// <summary>The graph without what a trace cannot see.</summary>
    public static Graph WithoutLocals(this Graph graph) => graph with
    {
        Values = graph.Values.Select(
            (value, i) => value with { Name = i < graph.InputCount ? value.Name : null, Origin = Origin.None }).ToEquatable(),
        Layers = graph.Layers.Select(
            layer => layer with { Key = layer.IsPinned ? layer.Key.Substring(layer.Key.LastIndexOf('.') + 1) : "", Origin = Origin.None })
        .ToEquatable(),
        Nodes = graph.Nodes.Select(node => node with { Origin = Origin.None }).ToEquatable(),
    };

    /// <summary>The first difference in words, null when the graphs are the same, names of locals aside.</summary>
    public static string? DifferenceFrom(this Graph graph, Graph other)
    {
        var (a, b) = (graph.WithoutLocals(), other.WithoutLocals());
        if (a.Name != b.Name || a.Kind != b.Kind || a.Method != b.Method)
            return $"{a.Kind} {a.Name}.{a.Method} against {b.Kind} {b.Name}.{b.Method}";
        if (!a.Facts.Equals(b.Facts)) return $"facts: {a.Facts} against {b.Facts}";
        if (a.Parameters != b.Parameters) return $"parameters: {a.Parameters} against {b.Parameters}";
        if (a.InputCount != b.InputCount) return $"inputs: {a.InputCount} against {b.InputCount}";
        return First("values", a.Values, b.Values)
            ?? First("nodes", a.Nodes, b.Nodes)
            ?? First("layers", a.Layers, b.Layers)
            ?? First("outputs", a.Outputs, b.Outputs)
            ?? First("promised shapes", a.Promised, b.Promised)
            ?? First("guards", a.Guards, b.Guards)
            ?? First("names of outputs", a.OutputNames, b.OutputNames);
    }

    private static string? First<T>(string what, EquatableArray<T> left, EquatableArray<T> right)
    {
        if (left == right) return null;
        for (var i = 0; i < System.Math.Min(left.Count, right.Count); i++)
            if (!Equals(left[i], right[i])) return $"{what}[{i}]: {left[i]} against {right[i]}";
        return $"{what}: {left.Count} against {right.Count}";
    }
}
