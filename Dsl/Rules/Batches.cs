using System.Linq;
using Hybrid.Algebra;
using Hybrid.Graphs;

namespace Hybrid.Rules;

/// <summary>
/// Which sizes count the examples of a batch: a symbol that has the role, one that is called for it and has no other role, and the first
/// axis of every input, where nothing else is said.
/// </summary>
internal static class Batches
{
    /// <summary>Whether a symbol counts examples, by its role or by its name.</summary>
    public static bool IsBatch(GraphBuilder builder, string symbol)
        => builder.Roles.TryGetValue(symbol, out var role)
            ? role == AxisRole.Batch
            : IsName(symbol);

    /// <summary>Whether a size is called for examples.</summary>
    public static bool IsName(string symbol) => symbol is "B" or "Batch" or "batch" or "BatchSize" or "batchSize";

    /// <summary>
    /// Whether a symbol counts examples by role, name or place: where no symbol does by the first two, the first axis of every input is the
    /// batch.
    /// </summary>
    public static bool IsBatchByPlace(GraphBuilder builder, string symbol)
    {
        if (IsBatch(builder, symbol)) return true;
        if (builder.Roles.ContainsKey(symbol)) return false;
        var inputs = builder.Inputs.Where(input => input.Shape.Rank > 0).ToList();
        return inputs.Count > 0
            && inputs.All(input => input.Shape[0].AsSymbol == symbol)
            && !builder.Facts.Symbols.Any(other => IsBatch(builder, other));
    }

    /// <summary>Whether an axis is the batch: by its role, or the first one by its size.</summary>
    public static bool IsFirst(GraphBuilder builder, Shape shape, int axis)
        => shape.Axes[axis].Role == AxisRole.Batch
            || (axis == 0 && shape.Axes[0].Role == AxisRole.None && shape[0].Symbols.Any(symbol => IsBatchByPlace(builder, symbol)));

    /// <summary>
    /// Whether an axis of a sequence is the batch rather than the time: it holds a symbol that has the role of the batch, or stands first
    /// and holds one that is called for it, alone or joined with others, as in B·N.
    /// </summary>
    public static bool IsLeading(GraphBuilder builder, Shape shape, int axis, int other)
    {
        if (builder.IsWeightSize(shape[axis])) return false;
        bool IsDeclared(string symbol) => builder.Roles.TryGetValue(symbol, out var role) && role == AxisRole.Batch;
        if (shape[axis].Symbols.Any(IsDeclared)) return !shape[other].Symbols.Any(IsDeclared);
        if (axis == 0 && shape[0].AsSymbol is { } first && IsName(first) && IsBatch(builder, first)) return true;
        var isJoined = shape[axis].AsSymbol is null;
        if (isJoined && axis == 0 && shape[0].Symbols.Any(symbol => IsBatchByPlace(builder, symbol)))
            return !shape[other].Symbols.Any(symbol => IsBatchByPlace(builder, symbol));
        return false;
    }
}
