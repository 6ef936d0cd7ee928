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

    public override string ToString() => string.Join(", ", Values.Select(axis => axis.ToString()));
}
