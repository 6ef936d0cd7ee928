using Hybrid.Graphs;

namespace Hybrid.Rules;

/// <summary>What operations over sequences share: which axis is the batch and which is time.</summary>
internal static class Sequences
{
    /// <summary>
    /// (B, T, features), or (T, B, features) when not batch first; HYB1004 otherwise, HYB1013 when roles, names or a batch that was joined
    /// with other axes say the opposite.
    /// </summary>
    public static bool TrySequence(this Inference i, Value x, bool isBatchFirst, string parameter = "x")
    {
        var order = isBatchFirst ? "[B,T,features]" : "[T,B,features]";
        if (x.Shape.Rank != 3)
        {
            var hint = x.Shape.Rank switch
            {
                2 => "Add the missing axis with .Unsqueeze.",
                4 => "Join the places of a map to one axis first: .Flatten(2).Transpose(1, 2).",
                _ => "Give it three axes.",
            };
            return i.Error(
                "HYB1004", $"{i.Subject} needs rank 3 {order}; {i.Describe(x)} gives rank {x.Shape.Rank} {x.Shape}. {hint}", parameter, x);
        }
        var (first, second) = (x.Shape.Axes[0].Role, x.Shape.Axes[1].Role);
        var (isFirst, isSecond) = (
            Batches.IsLeading(i.Builder, x.Shape, 0, 1), second == AxisRole.None && Batches.IsLeading(i.Builder, x.Shape, 1, 0));
        if (isBatchFirst && (first == AxisRole.Time || second == AxisRole.Batch || isSecond))
        {
            i.Error(
                "HYB1013",
                $"{i.Subject} is batch-first but {i.Describe(x)} is {x.Shape} with time first; it would mix the batch's examples. Set "
                    + "batchFirst: false.",
                parameter, x);
            return i.Offer(EditKind.Argument, "batchFirst: false", i.Call);
        }
        if (!isBatchFirst && (first == AxisRole.Batch || second == AxisRole.Time || (first == AxisRole.None && isFirst)))
        {
            i.Error(
                "HYB1013",
                $"{i.Subject} is time-major but {i.Describe(x)} is {x.Shape}; it would mix the batch's examples. Leave batchFirst: false "
                    + "out.",
                parameter, x);
            return i.Offer(EditKind.Argument, "batchFirst: true", i.Call);
        }
        i.WarnOfTurnedTokens(x, isBatchFirst, parameter);
        return true;
    }

    /// <summary>
    /// HYB1029: the places of a map that were joined but not brought before its channels, [B, 128, 64] of Flatten(2): the sequence would be
    /// that of the channels.
    /// </summary>
    private static void WarnOfTurnedTokens(this Inference i, Value x, bool isBatchFirst, string parameter)
    {
        if (!isBatchFirst
            || x.MayReinterpret
            || x.Shape.Axes[1].Role != AxisRole.Channel
            || x.Shape.Axes[2].Role is not (AxisRole.Spatial or AxisRole.Time)
            || !i.IsWeightSize(x.Shape[2]))
        {
            return;
        }
        i.Warn(
            "HYB1029",
            $"{i.Subject}: axis 1 of {i.Describe(x)} {x.Shape} holds channels and axis 2 places, so that the channels would be the "
                + "sequence. "
                + "Insert .Transpose(), or .ReinterpretUnsafe() if that is intended.",
            parameter, x);
        i.Offer(EditKind.Append, ".Transpose()");
    }
}
