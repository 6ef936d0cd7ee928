using System.Linq;
using Hybrid.Graphs;

namespace Hybrid.Rules;

/// <summary>
/// What operations over series, images and volumes share: channels on axis 1, then the axes that are convolved or pooled.
/// </summary>
internal static class Maps
{
    private static readonly string[] _series = ["length"], _images = ["height", "width"], _volumes = ["depth", "height", "width"];

    /// <summary>The names of one, two or three spatial axes.</summary>
    public static string[] Names(int spatial) => spatial switch { 1 => _series, 2 => _images, _ => _volumes };

    /// <summary>(B, C, …) with so many spatial axes, HYB1004 otherwise; channels-last layouts by role, HYB1003.</summary>
    public static bool TryMaps(this Inference i, int spatial)
    {
        if (spatial == 2) return i.TryImages();
        var x = i.Value();
        if (x.Shape.Rank != spatial + 2)
        {
            var family = i.Rule.Name.Substring(0, i.Rule.Name.Length - 2);
            var sibling = $"{family}{x.Shape.Rank - 2}d";
            var hint = x.Shape.Rank == spatial + 1 && spatial == 1
                ? "Add the missing axis with .Unsqueeze(0) for the batch or .Unsqueeze(1) for the channel."
                : RuleTable.Find(sibling) is not null ? $"Did you mean {sibling}?"
                : $"Give it {spatial + 2} axes.";
            i.Error(
                "HYB1004",
                $"{i.Subject} needs rank {spatial + 2} {(spatial == 1 ? "[B,C,L]" : "[B,C,D,H,W]")}; {i.Describe(x)} gives rank "
                    + $"{x.Shape.Rank} {x.Shape}. {hint}",
                "x", x);
            if (x.Shape.Rank == spatial + 1 && spatial == 1)
                i.Offer(EditKind.Append, i.IsWeightSize(x.Shape[0]) ? ".Unsqueeze(0)" : ".Unsqueeze(1)");
            return RuleTable.Find(sibling) is not null && i.Offer(EditKind.Rename, sibling, i.Call);
        }
        return i.RequireChannels();
    }

    /// <summary>The spatial axes under other sizes.</summary>
    public static Shape WithSpatial(this Shape shape, System.Collections.Generic.IReadOnlyList<Algebra.Dim> sizes)
        => shape with { Axes = shape.Axes.Select((axis, n) => n < 2 ? axis : axis with { Size = sizes[n - 2] }).ToEquatable() };
}
