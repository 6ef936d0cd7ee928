using System.Collections.Generic;
using System.Linq;
using Hybrid.Algebra;
using Hybrid.Graphs;

namespace Hybrid.Rules;

/// <summary>HYB1029: statistics of a tensor that meet the tensor, or others, along another axis than they were taken for.</summary>
internal static class Statistics
{
    /// <summary>
    /// A statistic of each row, [N] of [N, N], lies along the columns where it meets the tensor again: sizes agree, and each column is
    /// divided by the sum of a row.
    /// </summary>
    public static void WarnOfTurnedStatistic(this Inference i, Value left, Value right)
    {
        if (!Turned(left, right, "right")) Turned(right, left, "left");

        bool Turned(Value whole, Value statistic, string parameter)
        {
            if (statistic.MayBroadcast || statistic.MayReinterpret || statistic.Shape.Rank != whole.Shape.Rank - 1) return false;
            var taken = statistic;
            // A small number is added, a root taken.
            while (i.Producer(taken) is { } step
                && RuleTable.Get(step.Operation) is UnaryRule or BinaryRule
                && step.Inputs.Count(input => input >= 0) == 1)
            {
                taken = i.Builder.ValueOf(step.Inputs.First(input => input >= 0));
            }
            if (i.Producer(taken) is not { } node || RuleTable.Get(node.Operation) is not ReductionRule rule) return false;
            var of = i.Builder.ValueOf(node.Inputs[0]);
            if (of.Shape.Rank != whole.Shape.Rank
                || node.Arguments[rule.Signature.ConstantPositionOf("axes")] is not Argument.Integers { Values: { Count: 1 } axes}
                || !IsMadeOf(i, whole, of))
            {
                return false;
            }
            var axis = axes[0] < 0 ? axes[0] + of.Shape.Rank : axes[0];
            // Of the first axis the statistic lies where it was.
            if (axis == 0 || statistic.Shape.Sizes.Any(size => size.Equals(Dim.One))) return false;
            i.Warn(
                "HYB1029",
                $"'{i.Rule.Name}': {i.Describe(statistic)} {statistic.Shape} is of axis {axis} of {i.Describe(of)} {of.Shape} and lies "
                    + "along "
                    + $"axis {axis} here, not along those that it was taken for. Keep the axis: {node.Operation}({axes[0]}, keep: true).",
                parameter, statistic, of);
            i.Offer(EditKind.Argument, "keep: true", node.Origin);
            return true;
        }
    }

    /// <summary>Whether a tensor is another, or a function of each of its elements.</summary>
    private static bool IsMadeOf(Inference i, Value value, Value of)
    {
        while (true)
        {
            if (Sameness.IsSame(i.Builder, value, of)) return true;
            if (i.Producer(value) is not { } node || RuleTable.Get(node.Operation) is not (UnaryRule or BinaryRule)
                || node.Inputs.Where(input => input >= 0).ToList() is not { Count: 1 } inputs)
            {
                return false;
            }
            value = i.Builder.ValueOf(inputs[0]);
        }
    }

    /// <summary>
    /// What is summed over all examples, added to something of each: the logarithm of one example's density with those of all.
    /// </summary>
    public static void WarnOfSumOverExamples(this Inference i, Value left, Value right)
    {
        if (i.Rule.Name is not ("+" or "-")) return;
        if (!Summed(left, right, "right")) Summed(right, left, "left");

        bool Summed(Value each, Value sum, string parameter)
        {
            if (sum.Shape.Rank > 0 || sum.MayBroadcast || each.Shape.Rank == 0 || !Batches.IsFirst(i.Builder, each.Shape, 0)) return false;
            while (i.Producer(sum) is { } step
                && RuleTable.Get(step.Operation) is UnaryRule or BinaryRule
                && step.Inputs.Count(input => input >= 0) == 1)
            {
                sum = i.Builder.ValueOf(step.Inputs.First(input => input >= 0));
            }
            if (i.Producer(sum) is not { Operation: "Sum" } node
                || i.Builder.ValueOf(node.Inputs[0]) is not { Shape.Rank: >= 2 } of
                || !i.Equal(of.Shape[0], each.Shape[0]))
            {
                return false;
            }
            var others = of.Shape.Rank == 2 ? "1" : $"({string.Join(", ", Enumerable.Range(1, of.Shape.Rank - 1))})";
            i.Report(
                "HYB1029",
                $"Sum of {i.Describe(of)} {of.Shape} is over all {of.Shape[0]} examples, and '{i.Rule.Name}'{Fault.Place(i.Call)} joins "
                    + "it with "
                    + $"{i.Describe(each)} {each.Shape}, one of each. Use Sum({others}), or .Broadcast() if all are meant.",
                i.Call, [of, each]);
            if (node.Arguments[RuleTable.Get("Sum").Signature.ConstantPositionOf("axes")] is Argument.Missing)
                i.Offer(EditKind.Argument, others, node.Origin);
            return true;
        }
    }

    /// <summary>A quotient of sums over the examples alone, as of a dice loss that was to sum over the places.</summary>
    public static void WarnOfQuotientOverExamples(this Inference i, Value left, Value right)
    {
        if (i.Kind != GraphKind.Loss || i.Rule.Name != "/") return;
        if (SummedOver(i, left) is not { } above || SummedOver(i, right) is null) return;
        var of = i.Builder.ValueOf(above.Inputs[0]);
        var places = $"({string.Join(", ", Enumerable.Range(1, of.Shape.Rank - 1))})";
        i.Report(
            "HYB1029",
            $"Sum over axis 0 of {i.Describe(of)} {of.Shape} takes the examples together at each place, and '/'{Fault.Place(i.Call)} "
                + "divides "
                + $"such sums. Use Sum({places}) for those of each example, or write .ReinterpretUnsafe() if all examples are meant.",
            above.Origin, [of]);
    }

    /// <summary>The sum over the batch alone, of something of at least two more axes, that a value is made of.</summary>
    private static Node? SummedOver(Inference i, Value value)
    {
        for (var depth = 0; depth < Deepest && i.Producer(value) is { } node; depth++)
        {
            var inputs = node.Inputs.Where(input => input >= 0).Select(i.Builder.ValueOf).ToList();
            if (node.Operation == "Sum")
            {
                var axes = node.Arguments[RuleTable.Get("Sum").Signature.ConstantPositionOf("axes")] as Argument.Integers;
                return axes is { Values.Count: 1 }
                    && axes.Values[0] == 0
                    && inputs[0] is { Shape.Rank: >= 3, MayReinterpret: false }
                    && Batches.IsFirst(i.Builder, inputs[0].Shape, 0)
                    ? node
                    : null;
            }
            if (RuleTable.Get(node.Operation) is not (UnaryRule or BinaryRule)) return null;
            value = inputs[0];
        }
        return null;
    }

    private const int Deepest = 8;

    /// <summary>A mean or sum over the channels of a map and a part of its places, which leaves a row of pixels.</summary>
    public static void WarnOfChannelsWithPlaces(this Inference i, IReadOnlyCollection<int> reduced)
    {
        var x = i.Value();
        if (x.MayReinterpret || i.Flag("keep") || x.Shape.Rank < 4) return;
        if (!reduced.Contains(1) || x.Shape.Axes[1].Role != AxisRole.Channel) return;
        var places = Enumerable.Range(2, x.Shape.Rank - 2).ToList();
        if (places.Any(n => x.Shape.Axes[n].Role != AxisRole.Spatial)
            // As of a map with its channels last; the profile along another axis is somebody's wish.
            || !reduced.OrderBy(n => n).SequenceEqual(Enumerable.Range(1, x.Shape.Rank - 2)))
        {
            return;
        }
        var all = $"({string.Join(", ", places)})";
        i.Warn(
            "HYB1029",
            $"{i.Subject} takes the channels of {i.Describe(x)} {x.Shape} together with a part of its places, as if they were last. Use "
                + $"{all} "
                + "for the mean of each channel.",
            "axes", x);
        i.Offer(EditKind.Replace, all);
    }
}
