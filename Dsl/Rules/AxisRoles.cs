using Hybrid.Graphs;

namespace Hybrid.Rules;

/// <summary>
/// What axes mean, beside how long they are. Dims says it (<c>"B:batch, H:spatial"</c>), and operations do: a convolution's result has its
/// channels on axis 1 and space after it. Two axes of one size and different meaning are a layout mistake that no size shows.
/// </summary>
internal static class AxisRoles
{
    /// <summary>True when both meanings are known and cannot be the same. An axis of size 1 has none.</summary>
    public static bool Conflict(Axis left, Axis right)
        => Kind(left) is { } a && Kind(right) is { } b && a != b;

    // Channels become features where maps end, and a row of pixels may be read as a sequence.
    private static int? Kind(Axis axis) => axis.Size.Equals(Algebra.Dim.One) ? null : axis.Role switch
    {
        AxisRole.Batch => 0,
        AxisRole.Channel or AxisRole.Feature => 1,
        AxisRole.Spatial or AxisRole.Time => 2,
        _ => null,
    };

    /// <summary>The meaning of several axes joined: theirs if it is one, else a feature axis.</summary>
    public static AxisRole Joined(System.Collections.Generic.IEnumerable<Axis> axes)
    {
        AxisRole? joined = null;
        foreach (var axis in axes)
        {
            if (axis.Size.Equals(Algebra.Dim.One)) continue;
            if (joined is { } known && known != axis.Role) return AxisRole.Feature;
            joined = axis.Role;
        }
        return joined is null or AxisRole.None ? AxisRole.Feature : joined.Value;
    }

    public static string Name(Axis axis) => axis.Role.ToString().ToLowerInvariant();

    /// <summary>HYB1003 where space, time or the batch stands on axis 1 and the operation needs channels there.</summary>
    public static bool RequireChannels(this Inference i)
    {
        var x = i.Value();
        if (x.Shape.Rank < 2
            || x.Shape.Axes[1].Role is not (AxisRole.Spatial or AxisRole.Time or AxisRole.Batch)
            || x.Shape[1].Equals(Algebra.Dim.One))
        {
            if (i.WarnOfPlacesAsChannels()) return true;
            i.WarnOfNormBeforeMap();
            i.WarnOfChannelsLast();
            i.WarnOfFramesFirst();
            return true;
        }
        return RefuseChannelsLast(i, x, $"Axis 1 of {i.Describe(x)} is tagged {Name(x.Shape.Axes[1])}, {i.Rule.Name} needs channels there");
    }

    public static bool RefuseChannelsLast(Inference i, Value x, string what)
    {
        i.Error("HYB1003", $"{what}; {x.Shape} looks channels-last. Insert .ToChannelsFirst().", "x", x);
        return i.Offer(EditKind.Append, ".ToChannelsFirst()");
    }
}
