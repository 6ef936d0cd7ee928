namespace Hybrid.Graphs;

/// <summary>A tensor in a graph: an input or what a node computes. Known by its number.</summary>
/// <param name="Id">Position in <see cref="Graph.Values"/>.</param>
/// <param name="Shape">Symbolic shape.</param>
/// <param name="Name">The user's local or parameter, else null.</param>
/// <param name="Origin">The expression that computes it.</param>
public sealed record Value(int Id, Shape Shape, string? Name, Origin Origin)
{
    /// <summary>True for what a faulty node would have computed: operations on it are skipped in silence.</summary>
    public bool IsUnknown { get; init; }

    /// <summary>True after <c>.Broadcast()</c>: repeating it along the other side's axes is meant.</summary>
    public bool MayBroadcast { get; init; }

    /// <summary>True after <c>.ReinterpretUnsafe()</c>: a reshape may move its data across axes.</summary>
    public bool MayReinterpret { get; init; }

    /// <summary>True when the user gave the name; an operation's own name is not theirs.</summary>
    public bool IsNamed => Name is not null;
}
