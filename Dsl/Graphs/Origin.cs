namespace Hybrid.Graphs;

/// <summary>A place in the source: an id that the reader maps to a location; <see cref="None"/> in a trace.</summary>
public readonly record struct Origin(int Id)
{
    public static Origin None => new(-1);

    public bool IsKnown => Id >= 0;
}
