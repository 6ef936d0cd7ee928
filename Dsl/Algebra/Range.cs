namespace Hybrid.Algebra;

/// <summary>The values a symbol may take, both ends included; <see cref="Unbounded"/> above when nothing bounds it.</summary>
internal readonly record struct Range(long Low, long High)
{
    public const long Unbounded = long.MaxValue;

    public static Range Positive => new(1, Unbounded);

    public bool IsEmpty => Low > High;

    public bool IsBounded => High != Unbounded;
}
