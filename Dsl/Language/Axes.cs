using System.Linq;
using Hybrid.Graphs;

namespace Hybrid;

/// <summary>Axes to reduce: one, <c>1</c>, several, <c>(1, 2)</c>, or all with <c>default</c>. Negative ones count from the end.</summary>
public readonly record struct Axes
{
    private Axes(params int[] values) => (Values, IsGiven) = (values.ToEquatable(), true);

    public EquatableArray<int> Values { get; }

    /// <summary>False for <c>default</c>: all axes.</summary>
    public bool IsGiven { get; }

    public static implicit operator Axes(int axis) => new(axis);

    public static implicit operator Axes((int First, int Second) axes) => new(axes.First, axes.Second);

    public static implicit operator Axes((int First, int Second, int Third) axes) => new(axes.First, axes.Second, axes.Third);

    public static implicit operator Axes((int, int, int, int) axes) => new(axes.Item1, axes.Item2, axes.Item3, axes.Item4);

    public static implicit operator Axes((int, int, int, int, int) axes)
        => new(axes.Item1, axes.Item2, axes.Item3, axes.Item4, axes.Item5);

    public static implicit operator Axes((int, int, int, int, int, int) axes)
        => new(axes.Item1, axes.Item2, axes.Item3, axes.Item4, axes.Item5, axes.Item6);

    public override string ToString() => string.Join(", ", Values.Select(axis => axis.ToString()));
}
