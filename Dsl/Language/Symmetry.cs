namespace Hybrid;

/// <summary>A group of symmetries of the square pixel grid; each element moves pixels to pixels, exactly.</summary>
public enum Symmetry
{
    /// <summary>Quarter turns: 4 elements.</summary>
    C4,

    /// <summary>The two mirrors along the axes and the half turn: 4 elements.</summary>
    D2,

    /// <summary>Quarter turns and mirrors: 8 elements.</summary>
    D4,
}
