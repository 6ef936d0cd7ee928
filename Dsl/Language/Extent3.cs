namespace Hybrid;

/// <summary>A size along depth, height and width: one number for all, or one each: <c>k: 3</c>, <c>k: (1, 3, 3)</c>.</summary>
public readonly record struct Extent3
{
    private Extent3(int depth, int height, int width) => (Depth, Height, Width, IsGiven) = (depth, height, width, true);

    public int Depth { get; }

    public int Height { get; }

    public int Width { get; }

    /// <summary>False for <c>default</c>: the operation's own default holds.</summary>
    public bool IsGiven { get; }

    public static implicit operator Extent3(int size) => new(size, size, size);

    public static implicit operator Extent3((int Depth, int Height, int Width) sizes) => new(sizes.Depth, sizes.Height, sizes.Width);

    public override string ToString() => Depth == Height && Height == Width ? $"{Depth}" : $"({Depth}, {Height}, {Width})";
}
