namespace Hybrid;

/// <summary>What stands around a map that is padded.</summary>
public enum Padding
{
    /// <summary>Zeros.</summary>
    Zeros,

    /// <summary>The map mirrored at its outermost elements, which are not repeated: 3 2 | 1 2 3.</summary>
    Reflect,

    /// <summary>The outermost elements again and again: 1 1 | 1 2 3.</summary>
    Replicate,

    /// <summary>The other end of the map, as of a periodic box: 2 3 | 1 2 3.</summary>
    Circular,
}
