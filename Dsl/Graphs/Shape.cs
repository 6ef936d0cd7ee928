using System;
using System.Collections.Generic;
using System.Linq;
using Hybrid.Algebra;

namespace Hybrid.Graphs;

/// <summary>What an axis means, where the user or an operation says so.</summary>
public enum AxisRole
{
    None,
    Batch,
    Channel,
    Spatial,
    Feature,
    Time,
}

public enum ElementType
{
    /// <summary>The network's floating-point type: float32 unless the module was built or moved otherwise.</summary>
    Real,
    Int64,
    Bool,
}

/// <summary>What is known of the values of a tensor.</summary>
public enum Domain
{
    Any,

    /// <summary>≥ 0.</summary>
    NonNegative,

    /// <summary>&gt; 0.</summary>
    Positive,

    /// <summary>In [0, 1].</summary>
    Probability,

    /// <summary>In [0, 1] and summing to 1 along the last axis or axis 1.</summary>
    Distribution,
}

/// <summary>One axis of a tensor.</summary>
/// <param name="Size">How long it is.</param>
/// <param name="Role">What it means.</param>
/// <param name="Fields">What is known of it as channels of a symmetry group.</param>
public sealed record Axis(Dim Size, AxisRole Role = AxisRole.None, Fields Fields = default)
{
    public static implicit operator Axis(Dim size) => new(size);

    public static implicit operator Axis(long size) => new(size);

    public override string ToString() => Size.ToString();
}

/// <summary>The sizes of a tensor, with what is known of its elements.</summary>
public sealed record Shape(EquatableArray<Axis> Axes, ElementType Element = ElementType.Real, Domain Domain = Domain.Any)
{
    public static Shape Of(params Axis[] axes) => new(axes.ToEquatable());

    public static Shape Scalar { get; } = new(EquatableArray<Axis>.Empty);

    public int Rank => Axes.Count;

    public Dim this[int axis] => Axes[axis < 0 ? axis + Rank : axis].Size;

    public IEnumerable<Dim> Sizes => Axes.Select(axis => axis.Size);

    /// <summary>The number of elements.</summary>
    public Dim Elements => Axes.Aggregate(Dim.One, (product, axis) => product * axis.Size);

    /// <summary>The same shape but for one size; another number of channels holds no known fields.</summary>
    public Shape With(int axis, Dim size)
    {
        Axis Resized(Axis old) => old with { Size = size, Fields = old.Size.Equals(size) ? old.Fields : Fields.Unknown };
        return this with { Axes = Axes.Select((old, i) => i == (axis < 0 ? axis + Rank : axis) ? Resized(old) : old).ToEquatable() };
    }

    /// <summary>The same sizes, of which nothing is said.</summary>
    public Shape WithoutRoles() => this with { Axes = Axes.Select(axis => new Axis(axis.Size)).ToEquatable() };

    public Shape Substitute(Func<string, Dim?> replacement)
        => this with { Axes = Axes.Select(axis => axis with { Size = axis.Size.Substitute(replacement) }).ToEquatable() };

    /// <summary>Takes the element type off the end of a shape string: <c>B, 4 Int64</c>.</summary>
    internal static (string Sizes, ElementType? Element) WithoutElement(string text)
    {
        foreach (var element in new[] { ElementType.Int64, ElementType.Bool })
        {
            var word = element.ToString();
            var trimmed = text.TrimEnd();
            if (!trimmed.EndsWith(word, StringComparison.Ordinal)) continue;
            var before = trimmed.Substring(0, trimmed.Length - word.Length);
            var sizes = before.TrimEnd();
            // After a comma or a sign, or as a part of a name, it is a size.
            if (sizes.Length == 0) return (sizes, element);
            var last = sizes[sizes.Length - 1];
            if (before.Length > sizes.Length && (char.IsLetterOrDigit(last) || last is '_' or ')')) return (sizes, element);
        }
        return (text, null);
    }

    /// <summary>The shape as [Shape] writes it.</summary>
    public string Written => (string.Join(", ", Axes).Replace('·', '*') + (Element == ElementType.Real ? "" : $" {Element}")).TrimStart();

    /// <summary><c>[B, 3, H/2, W/2]</c></summary>
    public override string ToString() => "[" + string.Join(", ", Axes) + "]";
}
