namespace Hybrid.Graphs;

/// <summary>
/// Where an <see cref="Origin"/> is: a place of the source, which a loop passes several times, and the block call that led there.
/// </summary>
public sealed record Site(int Place, Origin? Call);

/// <summary>A place in the source: an id that the reader maps to a location; <see cref="None"/>, the default, in a trace.</summary>
public readonly record struct Origin
{
    // One more than the id, so that the default of the struct is not a place.
    private readonly int _number;

    public Origin(int id) => _number = id + 1;

    public static Origin None => default;

    public int Id => _number - 1;

    public bool IsKnown => _number > 0;

    public override string ToString() => IsKnown ? $"@{Id}" : "@";
}
