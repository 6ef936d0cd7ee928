using System;
using System.Linq;
using Hybrid.Algebra;
using Hybrid.Graphs;

namespace Hybrid.Rules;

/// <summary>
/// HYB1029 for what is picked or taken apart: an example for a token, time for features, and masks that say the opposite.
/// </summary>
internal static class LikelyPlaces
{
    /// <summary><c>x[0]</c> of a batch: one example for all, where the first element of each was meant.</summary>
    public static void WarnOfOneExample(GraphBuilder builder, Value x, int axis, Origin place)
    {
        if (builder.Kind != GraphKind.Network
            || axis != 0
            || x.MayReinterpret
            || x.Shape.Rank < 2
            || x.Shape[0].AsSymbol is not { } batch
            || !Batches.IsBatchByPlace(builder, batch)
            || x.Shape.Axes[0].Role is not (AxisRole.None or AxisRole.Batch)
            || x.Shape.Sizes.Skip(1).Any(size => size.Symbols.Contains(batch)))
        {
            return;
        }
        var what = x.Name is null ? builder.OperationOf(x) is { } operation ? $"the result of {operation}" : "the input" : $"'{x.Name}'";
        builder.Report(new Fault(
            "HYB1029",
            $"This index takes one example of the batch {batch}: axis 0 of {what}{Fault.Place(x.Origin)} {x.Shape}. Write [.., n] for an "
                + "element of each example, or .ReinterpretUnsafe() before it if one example is meant.",
            place,
            x.Origin.IsKnown ? EquatableArray.Of(x.Origin) : default));
    }

    /// <summary>The last time of both directions: the one that runs backwards has seen a single step there.</summary>
    public static void WarnOfBackwardStep(GraphBuilder builder, Value x, int axis, Bound start, Origin place)
    {
        if (start != new Bound(1, true) || x.MayReinterpret || builder.ProducerOf(x) is not { } node
            || RuleTable.Get(node.Operation) is not RecurrentRule rule || node.Outputs[0] != x.Id)
        {
            return;
        }
        bool Is(string parameter) => node.Arguments[rule.Signature.ConstantPositionOf(parameter)] is Argument.Flag { Value: true };
        if (!Is("bidirectional") || axis != (Is("batchFirst") ? 1 : 0)) return;
        builder.Report(new Fault(
            "HYB1029",
            $"The last time of {node.Operation}{Fault.Place(node.Origin)} {x.Shape} is the end of one direction and the beginning of the "
                + "other, "
                + "which has seen one step there. Use .last, the end of each: last[-2] and last[-1].",
            place,
            x.Origin.IsKnown ? EquatableArray.Of(x.Origin) : default));
    }

    /// <summary>Halves of what a Linear gave for a gate, taken along axis 1 because that is the default.</summary>
    public static void WarnOfChunkedTime(this Inference i, int axis, long parts)
    {
        var x = i.Value();
        if (axis != 1 || i.Place("axis") != i.Call || x.MayReinterpret || x.Shape.Rank < 3
            || x.Shape.Axes[1].Role is AxisRole.Channel or AxisRole.Feature
            || i.Producer(x) is not { Operation: "Linear" }
            || !i.Facts.Divides(parts, x.Shape[-1]).IsProved)
        {
            return;
        }
        i.Warn(
            "HYB1029",
            $"{i.Subject} takes axis 1 ({x.Shape[1]}) of {i.Describe(x)} {x.Shape} apart; the features of Linear are on axis -1. Use "
                + "axis: -1, "
                + "or write axis: 1 if that is intended.",
            "x", x);
        i.Offer(EditKind.Argument, "axis: -1", i.Call);
    }

    /// <summary>Features that Linear gave each place, normalised place by place: (B, 50, 64) has 50 "channels" then.</summary>
    public static void WarnOfNormOfPlaces(this Inference i)
    {
        var x = i.Value();
        if (x.MayReinterpret || x.Shape.Rank != 3 || x.Shape.Axes[1].Role != AxisRole.None || i.IsSingle(x.Shape[2])) return;
        if (FeaturesLast(i, x) is not { } made) return;
        i.Warn(
            "HYB1029",
            $"{i.Subject} normalises axis 1 ({x.Shape[1]}) of {i.Describe(x)} {x.Shape}; the features of {made.Operation} are on axis "
                + "-1. Write "
                + ".Transpose().BatchNorm().Transpose(), or LayerNorm(), or say what axis 1 is in the shape of the input: "
                + $"{x.Shape[1]}:channel.",
            i.Call, x);
        i.Offer(EditKind.Around, ".Transpose()¦.Transpose()", i.Call);
    }

    /// <summary>
    /// The operation that gave each place of a sequence its features, on the last axis; what keeps them there is passed over. Null where it
    /// does not show.
    /// </summary>
    private static Node? FeaturesLast(Inference i, Value x)
    {
        while (i.Producer(x) is { } node)
        {
            if (node.Operation is "Linear" or "Attention" or "Gru" or "Lstm" or "Embedding") return node;
            if (RuleTable.Get(node.Operation) is not (UnaryRule or BinaryRule)
                && node.Operation is not ("Dropout" or "DropPath" or "LayerNorm"))
            {
                return null;
            }
            x = i.Builder.ValueOf(node.Inputs.First(input => input >= 0));
        }
        return null;
    }

    /// <summary>
    /// The places of a sequence, which a convolution or a pool over series would take for channels; true when it is reported.
    /// </summary>
    public static bool WarnOfPlacesAsChannels(this Inference i)
    {
        var x = i.Value();
        // Linear may be a map of the length of channels: it alone says nothing.
        if (x.MayReinterpret
            || x.Shape.Rank != 3
            || x.Shape.Axes[1].Role != AxisRole.None
            || i.IsSingle(x.Shape[1])
            // Where the length is open, HYB1003 refuses it.
            || !i.IsWeightSize(x.Shape[1])
            || i.Rule.Name == "BatchNorm"
            || FeaturesLast(i, x) is not { Operation: not "Linear" } made)
        {
            return false;
        }
        i.Warn(
            "HYB1029",
            $"{i.Subject}: axis 1 of {i.Describe(x)} {x.Shape} holds the places of a sequence, and the features of {made.Operation} are "
                + "on axis "
                + "-1, where its length is read. Insert .Transpose().",
            "x", x);
        i.Offer(EditKind.Append, ".Transpose()");
        return true;
    }

    /// <summary>Clips as they come, (B, frames, colours, H, W), for an operation on volumes: frames are read as channels.</summary>
    public static void WarnOfFramesFirst(this Inference i)
    {
        var x = i.Value();
        if (x.Shape.Rank != 5 || x.MayReinterpret || x.Shape.Axes.Skip(1).Any(axis => axis.Role != AxisRole.None)) return;
        var sizes = x.Shape.Sizes.Select(size => size.TryConstant(out var value) ? value : 0).ToList();
        const int leastFrames = 4, leastSide = 8;
        bool IsSide(int axis) => sizes[axis] >= leastSide || (sizes[axis] == 0 && !i.IsWeightSize(x.Shape[axis]));
        if (sizes[1] < leastFrames || sizes[2] is not (1 or 3) || !IsSide(3) || !IsSide(4)) return;
        i.Warn(
            "HYB1029",
            $"{i.Subject}: {i.Describe(x)} {x.Shape} looks like {sizes[1]} frames of {sizes[2]} colour{(sizes[2] == 1 ? "" : "s")}, and "
                + "axis 1 "
                + "is read as its channels. Insert .Transpose(1, 2), or say what the axes mean: "
                + $"[Shape(\"{x.Shape[0]}, {sizes[1]}:channel, {sizes[2]}:spatial, {x.Shape[3]}, {x.Shape[4]}\")].",
            "x", x);
        i.Offer(EditKind.Append, ".Transpose(1, 2)");
    }

    /// <summary>A mask that is called for what PyTorch's key_padding_mask says: true where there is padding.</summary>
    public static void WarnOfPaddingMask(this Inference i, Value mask)
    {
        var source = mask;
        while (i.Producer(source) is { } node && RuleTable.Get(node.Operation).IsView && node.Inputs.Count(input => input >= 0) == 1)
            source = i.Builder.ValueOf(node.Inputs[0]);
        if (mask.MayReinterpret || i.Producer(source) is not null || source.Name is not { } name) return;
        bool Says(string word) => name.IndexOf(word, StringComparison.OrdinalIgnoreCase) >= 0;
        if (!Says("pad") || Says("not") || Says("non") || Says("un")) return;
        i.Warn(
            "HYB1029",
            $"{i.Subject}: a mask is true where a place may be attended to, and '{name}' sounds true where there is padding. Write "
                + $"!{name}, or "
                + "give the input a name of what it is: isWord.",
            "mask", mask);
        if (source.Id == mask.Id) i.Offer(EditKind.Replace, $"!{name}");
    }
}
