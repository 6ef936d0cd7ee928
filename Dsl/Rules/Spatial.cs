using System.Linq;
using Hybrid.Algebra;
using Hybrid.Graphs;

namespace Hybrid.Rules;

/// <summary>What operations over images share: the rank and the arithmetic of windows.</summary>
internal static class Spatial
{
    /// <summary>(B, C, H, W), HYB1004 otherwise; channels-last layouts by role, HYB1003.</summary>
    public static bool TryImages(this Inference i)
    {
        var x = i.Value();
        if (x.Shape.Rank != 4)
        {
            var hint = x.Shape.Rank switch
            {
                3 when i.Rule.Name.EndsWith("2d", System.StringComparison.Ordinal)
                    => "Add the missing axis with .Unsqueeze(0) for the batch or .Unsqueeze(1) for the channel.",
                2 when i.Rule.Name == "ConvTranspose2d" => "Give a vector its map axes with .Unsqueeze(-1).Unsqueeze(-1).",
                2 => "It is flat already; put this operation before the flatten.",
                _ => "Give it four axes.",
            };
            i.Error("HYB1004", $"{i.Subject} needs rank 4 [B,C,H,W]; {i.Describe(x)} gives rank {x.Shape.Rank} {x.Shape}. {hint}", "x", x);
            if (x.Shape.Rank == 3 && i.Rule.Name.EndsWith("2d", System.StringComparison.Ordinal))
                i.Offer(EditKind.Append, i.IsWeightSize(x.Shape[0]) ? ".Unsqueeze(0)" : ".Unsqueeze(1)");
            if (x.Shape.Rank == 2 && i.Rule.Name == "ConvTranspose2d") i.Offer(EditKind.Append, ".Unsqueeze(-1).Unsqueeze(-1)");
            // The same operation over as many axes as there are.
            var sibling = i.Rule.Name.Replace("2d", $"{x.Shape.Rank - 2}d");
            return sibling != i.Rule.Name && RuleTable.Find(sibling) is not null && i.Offer(EditKind.Rename, sibling, i.Call);
        }
        return i.RequireChannels();
    }

    /// <summary>
    /// ⌊(size + 2·pad − dilation·(k−1) − 1)/stride⌋ + 1, or with the ceiling; null after HYB1005 when no window fits.
    /// </summary>
    public static Dim? Windows(this Inference i, int axis, long k, long stride, long pad, long dilation, bool ceil, string axisName)
    {
        var size = i.Shape()[axis];
        var span = (dilation * (k - 1)) + 1;
        // With ceil, a window may hang over the end from the first one on, as far as a stride.
        var inside = ceil ? span - (stride - 1) : span;
        if (!i.DemandAtLeast(size + (2 * pad), inside, "k", out var verdict, out var needed))
        {
            var window = dilation == 1 ? $"k={k}" : $"k={k}, dilation={dilation}";
            var least = inside - (2 * pad);
            var at = verdict.Witness is { Values.Count: > 0 } witness
                ? size.AsSymbol is null
                ? $"{size} = {witness.Evaluate(size)} at {witness}"
                : $"{witness}"
                : $"{size}";
            var fix = needed is not null
                ? $"This model needs {needed.Text.Replace(">=", "≥")}."
                : size.IsConstant
                ? $"Use a kernel of at most {size + (2 * pad) + (span - inside)}, or more padding."
                : "Declare a larger least size in Where.";
            i.Report(
                "HYB1005",
                $"{i.Subject} ({window}) needs {axisName} ≥ {least} but gets {at}. {fix}",
                i.Place("k"), [i.Value()], verdict.Witness, needed?.Text);
            return null;
        }
        var room = size + (2 * pad) - span;
        if (!ceil)
        {
            i.WarnOfBorder(size, k, stride, pad, axisName);
            return room.FloorDiv(stride) + 1;
        }
        // A last window that would start in the right padding is dropped, as PyTorch does; that changes the count only if pad > 0 or stride
        // > k.
        var count = room.CeilDiv(stride) + 1;
        if (i.Facts.IsAtLeast(size + pad - 1 - (room.CeilDiv(stride) * stride), 0).IsProved) return count;
        return size.IsConstant && size.TryConstant(out var n) && count.TryConstant(out var windows)
            ? (windows - 1) * stride >= n + pad ? windows - 1 : windows
            : i.CeilUnknown(axisName);
    }

    /// <summary>
    /// HYB1031: patches side by side that do not divide a size leave its end out. Small windows on odd sizes are usual and lose one pixel.
    /// </summary>
    private static void WarnOfBorder(this Inference i, Dim size, long k, long stride, long pad, string axisName)
    {
        // Of a pool, what is worth a word: a twentieth of the size.
        const int LeastPatch = 4, LeastShare = 20;
        if (k != stride || k < LeastPatch || pad != 0 || i.Value().MayReinterpret || !size.TryConstant(out var pixels)) return;
        var rest = (pixels - k) % stride;
        if (rest == 0 || pixels < k) return;
        // The last part of a series is left out as a matter of course, and a pool may lose what is no more than half a window.
        var isPool = i.Rule.Name.EndsWith("Pool2d", System.StringComparison.Ordinal)
            || i.Rule.Name.EndsWith("Pool3d", System.StringComparison.Ordinal);
        if (i.Shape().Rank < 4 || (isPool && (rest * 2 < k || rest * LeastShare < pixels))) return;
        i.Warn(
            "HYB1031",
            $"{i.Subject}: patches of {k} leave the last {rest} of the {pixels} pixels of the {axisName} of {i.Describe(i.Value())} "
                + "out. Crop "
                + $"to {pixels - rest} or pad to {pixels - rest + k}, or write .ReinterpretUnsafe() if that is intended.",
            "k", i.Value());
    }

    private static Dim? CeilUnknown(this Inference i, string axisName)
    {
        i.Error(
            "HYB1027",
            $"{i.Subject}: with ceil, the count of windows along {axisName} is not a closed form here (the last window may start in the "
                + "padding). Use stride ≤ k and no padding, or leave ceil out.",
            "ceil", i.Value());
        return null;
    }

    /// <summary>Kernel, stride, dilation ≥ 1 and pad ≥ 0, HYB1026.</summary>
    public static bool RequireWindow(this Inference i, params (string Parameter, int Least)[] bounds)
    {
        foreach (var (parameter, least) in bounds)
        {
            if (i.Argument(parameter).Along.Any(size => size < least))
                return i.Error("HYB1026", $"{i.Subject}: {parameter} is {i.Argument(parameter)}; it must be at least {least}.", parameter);
        }
        return true;
    }
}
