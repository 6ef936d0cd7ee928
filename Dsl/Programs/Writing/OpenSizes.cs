using System.Collections.Generic;
using System.Linq;
using Hybrid.Algebra;
using Hybrid.Graphs;

namespace Hybrid.Programs;

/// <summary>Sizes over symbols that no input gives: of [B, L*M], L cannot be determined, but L*M itself is an axis.</summary>
internal sealed class OpenSizes
{
    private readonly Graph _graph;

    public OpenSizes(Graph graph) => (_graph, Symbols) = (graph, new InputChecks(graph).Open);

    /// <summary>The symbols that no input gives.</summary>
    public IReadOnlyList<string> Symbols { get; }

    /// <summary>
    /// The input that has a size with such a symbol as an axis, and which, counted from the end; null when none has, or the size is not
    /// one.
    /// </summary>
    public (int Input, int Back)? Axis(Dim size)
    {
        if (Symbols.Count == 0 || !size.Symbols.Any(Symbols.Contains)) return null;
        foreach (var input in _graph.Inputs)
            for (var axis = 0; axis < input.Shape.Rank; axis++)
                if (input.Shape[axis].Equals(size)) return (input.Id, input.Shape.Rank - axis);
        return null;
    }

    /// <summary>The symbols that cannot be determined, though the size is needed.</summary>
    public IEnumerable<string> Missing(Dim size) => Axis(size) is null ? size.Symbols.Where(Symbols.Contains) : [];
}
