using System.Collections.Generic;
using System.Linq;
using Hybrid.Algebra;
using Hybrid.Graphs;

namespace Hybrid.Rules;

/// <summary>
/// HYB1028: operations that compare the elements of an axis with one another, over an axis that has one. A softmax of one value is always
/// 1, a normalised value always 0, a value without its own mean too: whatever came in is lost, and nothing fails.
/// </summary>
internal static class SingleElements
{
    /// <summary>Whether a size is 1 whatever comes in.</summary>
    public static bool IsSingle(this Inference i, Dim size) => i.Equal(size, Dim.One);

    /// <summary>A softmax, or its logarithm, along one axis.</summary>
    public static void WarnOfSingleSoftmax(this Inference i, int axis, string always)
    {
        var x = i.Value();
        if (x.MayReinterpret || !i.IsSingle(x.Shape[axis])) return;
        var others = Several(i, x.Shape, axis);
        var isGiven = i.Place("axis") != i.Call;
        var what = $"{i.Subject}: axis {axis} of {i.Describe(x)} {x.Shape} has one element, so that the result is always {always}";
        // Weights over places, of which each got one score, want the axis of the places; one score for each example wants a sigmoid.
        if (axis == x.Shape.Rank - 1 && axis > 1 && others.Count == 1)
        {
            i.Warn("HYB1028", $"{what}. Use axis {others[0]} ({x.Shape[others[0]]}).", "axis", x);
            if (isGiven) i.Offer(EditKind.Replace, $"{others[0]}");
            else i.Offer(EditKind.Argument, $"axis: {others[0]}", i.Call);
            return;
        }
        var other = x.Shape.Rank == 2 && others.Count == 0 && x.Shape[1 - axis].AsSymbol is { } symbol
            && !Batches.IsBatch(i.Builder, symbol)
            ? $" Where {symbol} does not count examples, axis {1 - axis} was meant."
            : "";
        i.Warn("HYB1028", $"{what}. Use .Sigmoid() for the probability of one score, or give it several.{other}", "axis", x);
        if (always == "1" && other.Length == 0) i.Offer(EditKind.Rename, "Sigmoid()", i.Call);
    }

    /// <summary>A normalisation of the last axes together.</summary>
    public static void WarnOfSingleNorm(this Inference i, int axes, string parameter)
    {
        var x = i.Value();
        if (x.MayReinterpret || !x.Shape.Sizes.Skip(x.Shape.Rank - axes).All(i.IsSingle)) return;
        var nearest = Enumerable.Range(1, System.Math.Max(0, x.Shape.Rank - axes - 1)).Select(n => (int?)(x.Shape.Rank - axes - n))
            .FirstOrDefault(axis => axis > 0 && !i.IsSingle(x.Shape[axis.Value]));
        i.Warn(
            "HYB1028",
            $"{i.Subject} normalises one value of {i.Describe(x)} {x.Shape} at a time, so that the result is always its bias. "
                + (nearest is not { } axis ? "Give it several features, or leave it out."
                    : i.Producer(x)?.Operation == "Unsqueeze" ? "Normalise before the axis is inserted."
                    : $"Give it several features, or bring axis {axis} ({x.Shape[axis]}) to the end."),
            parameter, x);
    }

    /// <summary>A normalisation of groups of channels with their places.</summary>
    public static void WarnOfSingleGroup(this Inference i, long groups)
    {
        var x = i.Value();
        var together = x.Shape[1].FloorDiv(groups);
        if (x.MayReinterpret || !i.IsSingle(together) || !x.Shape.Sizes.Skip(2).All(i.IsSingle)) return;
        i.Warn(
            "HYB1028",
            $"{i.Subject} normalises one value of {i.Describe(x)} {x.Shape} at a time, so that the result is always its bias. Use fewer "
                + "groups than channels.",
            "groups", x);
    }

    /// <summary>Attention to one place.</summary>
    public static void WarnOfSinglePlace(this Inference i, Value attended, int time)
    {
        if (attended.MayReinterpret || !i.IsSingle(attended.Shape[time])) return;
        i.Warn(
            "HYB1028",
            $"{i.Subject} attends to the one place of {i.Describe(attended)} {attended.Shape}, so that its weight is always 1. Attend to a "
                + $"sequence of several places, or use Linear({attended.Shape[2]}).",
            i.Optional("context") is null ? i.Call : i.Place("context"), attended);
    }

    /// <summary>The place of a largest or smallest value among one.</summary>
    public static void WarnOfSinglePlaceOf(this Inference i, int axis)
    {
        var x = i.Value();
        if (x.MayReinterpret || !i.IsSingle(x.Shape[axis])) return;
        var others = Several(i, x.Shape, axis);
        i.Warn(
            "HYB1028",
            $"{i.Subject}: axis {axis} of {i.Describe(x)} {x.Shape} has one element, so that the result is always 0. "
                + (others.Count == 1 ? $"Use axis {others[0]} ({x.Shape[others[0]]})." : "Compare one score with a number: x > 0."),
            "axis", x);
        if (others.Count != 1) return;
        if (i.Place("axis") != i.Call) i.Offer(EditKind.Replace, $"{others[0]}");
        else i.Offer(EditKind.Argument, $"axis: {others[0]}", i.Call);
    }

    /// <summary>The classes of a cross-entropy.</summary>
    public static void WarnOfSingleClass(this Inference i, Value logits)
    {
        if (logits.MayReinterpret || !i.IsSingle(logits.Shape[1])) return;
        var last = logits.Shape.Rank - 1;
        var fix = last > 1 && !i.IsSingle(logits.Shape[last])
            ? $"Classes are on axis 1: bring axis {last} ({logits.Shape[last]}) there"
            : "Give it an output for each class, or use BceWithLogits for one";
        i.Warn(
            "HYB1028",
            $"{i.Subject}: {i.Describe(logits)} {logits.Shape} has one class, so that the loss is always 0. {fix}.", "logits", logits);
    }

    /// <summary>A value less its own mean, or divided by its own sum, along axes that have one element.</summary>
    public static void WarnOfSingleStatistic(this Inference i, Value left, Value right)
    {
        var isDifference = i.Rule.Name == "-";
        if (i.Rule.Name is not ("-" or "/") || left.MayReinterpret || right.MayReinterpret) return;
        var statistic = right;
        // The same axes may have been taken out and put in again.
        while (i.Producer(statistic) is { Operation: "Unsqueeze" or "Expand" } view) statistic = i.Builder.ValueOf(view.Inputs[0]);
        if (i.Producer(statistic) is not { } node || !(isDifference ? node.Operation == "Mean" : node.Operation is "Sum" or "Mean")) return;
        var of = i.Builder.ValueOf(node.Inputs[0]);
        if (!Sameness.IsSame(i.Builder, of, left)) return;
        var signature = RuleTable.Get(node.Operation).Signature;
        var axes = node.Arguments[signature.ConstantPositionOf("axes")] is Argument.Integers given
            ? given.Values.Select(axis => axis < 0 ? axis + of.Shape.Rank : axis).ToList()
            : Enumerable.Range(0, of.Shape.Rank).ToList();
        if (axes.Count == 0 || !axes.All(axis => i.IsSingle(of.Shape[axis]))) return;
        var others = axes.Count == 1 ? Several(i, of.Shape, axes[0]) : [];
        i.Warn(
            "HYB1028",
            $"'{i.Rule.Name}': {node.Operation} over axis {string.Join(", ", axes)} of {i.Describe(of)} {of.Shape} takes one element, "
                + "so that "
                + $"the result is always {(isDifference ? "0" : "1")}. "
                + (others.Count == 1 ? $"Use axis {others[0]} ({of.Shape[others[0]]}) there." : "Use an axis of several elements there."),
            "right", of);
    }

    /// <summary>The other axes that have several elements and are not the examples of a batch.</summary>
    private static List<int> Several(Inference i, Shape shape, int axis)
        => Enumerable.Range(0, shape.Rank)
            .Where(other => other != axis && !i.IsSingle(shape[other]) && !Batches.IsFirst(i.Builder, shape, other))
            .ToList();
}
