namespace Hybrid.Graphs;

/// <summary>What is known of the channels on an axis: fields of a symmetry group, no fields, or nothing.</summary>
public readonly record struct Fields
{
    private Fields(bool areKnown, string? group) => (AreKnown, Group) = (areKnown, group);

    /// <summary>False where nothing is known.</summary>
    public bool AreKnown { get; }

    /// <summary>The group, one channel for each of its elements; null where there are no fields, or nothing is known.</summary>
    public string? Group { get; }

    /// <summary>Nothing is known.</summary>
    public static Fields Unknown => default;

    /// <summary>Not fields of any group: what an ordinary layer gives.</summary>
    public static Fields None => new(areKnown: true, null);

    public static Fields Of(string group) => new(areKnown: true, group);

    /// <summary>
    /// Of channels that are joined or computed with each other: fields of one group stay its fields; with other known channels they are
    /// none.
    /// </summary>
    public static Fields Together(Fields first, Fields second)
        => first == second ? first : first.AreKnown && second.AreKnown ? None : Unknown;

    public override string ToString() => Group ?? (AreKnown ? "none" : "unknown");
}
