namespace Hybrid;

/// <summary>A size along the spatial axes: one number for all, or one each: <c>k: 3</c>, <c>k: (3, 5)</c>.</summary>
public readonly record struct Extent
{
    private Extent(int height, int width) => (Height, Width, IsGiven) = (height, width, true);

    public int Height { get; }

    public int Width { get; }

    /// <summary>False for <c>default</c>: the operation's own default holds.</summary>
    public bool IsGiven { get; }

    public static implicit operator Extent(int size) => new(size, size);

    public static implicit operator Extent((int Height, int Width) sizes) => new(sizes.Height, sizes.Width);

    public override string ToString() => Height == Width ? $"{Height}" : $"({Height}, {Width})";
}
