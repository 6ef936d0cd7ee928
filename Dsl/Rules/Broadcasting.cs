using System.Collections.Generic;
using System.Linq;
using Hybrid.Algebra;
using Hybrid.Graphs;

namespace Hybrid.Rules;

/// <summary>The broadcasting of two shapes, and the cases in which it is not what was meant.</summary>
internal static class Broadcasting
{
    public static bool TryShape(Inference i, Value left, Value right, out EquatableArray<Axis> axes, string place = "right")
    {
        var rank = System.Math.Max(left.Shape.Rank, right.Shape.Rank);
        var result = new Axis[rank];
        axes = default;
        bool leftGrows = false, rightGrows = false;
        for (var back = 1; back <= rank; back++)
        {
            var a = back <= left.Shape.Rank ? left.Shape.Axes[left.Shape.Rank - back] : null;
            var b = back <= right.Shape.Rank ? right.Shape.Axes[right.Shape.Rank - back] : null;
            leftGrows |= Grows(a, b);
            rightGrows |= Grows(b, a);
            if (a is null || b is null) result[rank - back] = (a ?? b)!;
            else if (IsOne(a)) result[rank - back] = b;
            else if (IsOne(b)) result[rank - back] = a;
            else if (i.Demand(a.Size, b.Size, place, out var verdict))
            {
                if (AxisRoles.Conflict(a, b)) return OtherAxes(i, left, right, back, a, b, place);
                if (a.Fields.Group is { } first && b.Fields.Group is { } second && first != second)
                    return OtherGroups(i, left, right, first, second, place);
                // Fields together with other channels are not fields.
                var known = a.Role == AxisRole.None ? b with { Size = a.Size } : a;
                result[rank - back] = known with { Fields = Fields.Together(a.Fields, b.Fields) };
            }
            else return Mismatch(i, left, right, back, a, b, verdict, place);
        }
        axes = result.ToEquatable();
        // [B, 1] with [B] makes [B, B]: each side is repeated along the other, one along an axis that it does not even show.
        // Sizes of 1 written out on both sides, as in [B, 1, C] with [B, T, 1], are meant.
        if (left.Shape.Rank != right.Shape.Rank
            && leftGrows
            && rightGrows
            && left.Shape.Rank > 0
            && right.Shape.Rank > 0
            && !left.MayBroadcast
            && !right.MayBroadcast
            && !IsWritten(i, left.Shape.Rank > right.Shape.Rank ? left : right, left.Shape.Rank > right.Shape.Rank ? right : left))
            return MutualBroadcast(i, left, right, axes, place);
        return true;
    }

    /// <summary>
    /// Whether the axis of size 1 was written for this: <c>x.Unsqueeze(-1) * frequencies</c>, <c>x.Unsqueeze(1) - x</c>. A loss compares a
    /// prediction with its target so by mistake, and pairs only what comes of the same.
    /// </summary>
    private static bool IsWritten(Inference i, Value higher, Value lower)
    {
        while (i.Producer(higher) is { } node)
        {
            if (node.Operation == "Unsqueeze")
                return i.Kind == GraphKind.Network || Sameness.IsSame(i.Builder, i.Builder.ValueOf(node.Inputs[0]), lower);
            var tensors = node.Inputs.Where(input => input >= 0).ToList();
            if (tensors.Count != 1 || node.Layer >= 0 || RuleTable.Get(node.Operation) is not (UnaryRule or BinaryRule)) return false;
            higher = i.Builder.ValueOf(tensors[0]);
        }
        return false;
    }

    private static bool IsOne(Axis axis) => axis.Size.TryConstant(out var size) && size == 1;

    /// <summary>Whether a side is repeated along an axis of the other that is not 1.</summary>
    private static bool Grows(Axis? own, Axis? other) => other is not null && !IsOne(other) && (own is null || IsOne(own));

    /// <summary>HYB1003: the sizes agree, what they are sizes of does not.</summary>
    private static bool OtherAxes(Inference i, Value left, Value right, int back, Axis a, Axis b, string place)
        => i.Error(
            "HYB1003",
            $"'{Sign(i)}': axis -{back} is {AxisRoles.Name(a)} in {Name(i, left)} {left.Shape} and {AxisRoles.Name(b)} in "
                + $"{Name(i, right)} {right.Shape}; the sizes agree, the axes do not. Permute one side, or .ReinterpretUnsafe() if that "
                + "is intended.",
            place, left, right)
            || i.Offer(EditKind.Append, ".ReinterpretUnsafe()");

    /// <summary>HYB1024: the channels of two groups, of which the sizes agree.</summary>
    private static bool OtherGroups(Inference i, Value left, Value right, string first, string second, string place)
        => i.Error(
            "HYB1024",
            $"'{Sign(i)}': {Name(i, left)} {left.Shape} holds fields of {first}, {Name(i, right)} {right.Shape} those of {second}: "
                + "together they do not turn with the image. Keep to one group.",
            place, left, right);

    private static bool Mismatch(Inference i, Value left, Value right, int back, Axis a, Axis b, Verdict verdict, string place)
    {
        if (right.Shape.Rank == left.Shape.Rank
            && (Restoring.Blame(i, left, left.Shape.Rank - back, a.Size, b.Size, right)
                || Restoring.Blame(i, right, left.Shape.Rank - back, b.Size, a.Size, left)))
        {
            return false;
        }
        var (lower, higher) = left.Shape.Rank < right.Shape.Rank ? (left, right) : (right, left);
        var trailing = Leads(i, lower, higher)
            ? string.Concat(Enumerable.Repeat(".Unsqueeze(-1)", higher.Shape.Rank - lower.Shape.Rank))
            : null;
        var missing = trailing is null ? i.Facts.MissingFor(Pairs(left, right)) : null;
        var projection = Projection(i, left, right);
        var fix = trailing is not null
            ? $"To repeat {Name(i, lower)} along the last axes, append {trailing}."
            : missing is { } fact ? $"The sizes agree only if {fact}. Add Where = \"{fact}\" or resize one side."
            : projection is var (skip, convolution)
                ? $"Project the skip: {skip.Name ?? "skip"}{convolution}."
                : "Give both the same shape.";
        var text = $"'{Sign(i)}': {Name(i, left)} is {left.Shape}{Fault.Place(left.Origin)}, {Name(i, right)} is "
            + $"{right.Shape}{Fault.Place(right.Origin)}; "
            + $"{a.Size} and {b.Size} differ on axis -{back}{verdict.Witnessed(a.Size, b.Size)}. {fix}";
        i.Report("HYB1007", text, i.Place(place), [left, right], verdict.Witness, missing);
        if (trailing is not null && lower == right && i.Rule.Signature["mask"] is not null)
            return i.Offer(EditKind.Append, trailing, i.Place(place));
        if (i.Rule.Signature["left"] is null) return false;
        if (trailing is not null) return i.Offer(EditKind.Append, trailing, i.Place(lower == left ? "left" : "right"));
        return missing is null
            && projection is var (side, repair)
            && i.Offer(EditKind.Append, repair, i.Place(side == left ? "left" : "right"));
    }

    /// <summary>The sizes that are to agree, from the first axis on.</summary>
    private static IEnumerable<(Dim, Dim)> Pairs(Value left, Value right)
    {
        for (var back = System.Math.Min(left.Shape.Rank, right.Shape.Rank); back >= 1; back--)
        {
            var (a, b) = (left.Shape.Axes[left.Shape.Rank - back], right.Shape.Axes[right.Shape.Rank - back]);
            if (!IsOne(a) && !IsOne(b)) yield return (a.Size, b.Size);
        }
    }

    /// <summary>
    /// Whether the sizes of the one are the first ones of the other: what scales each example, or each channel of it, without axes for the
    /// rest.
    /// </summary>
    private static bool Leads(Inference i, Value lower, Value higher)
        => lower.Shape.Rank > 0
            && lower.Shape.Rank < higher.Shape.Rank
            && lower.Shape.Sizes.Select((size, axis) => i.Equal(size, higher.Shape[axis])).All(same => same);

    private static string Sign(Inference i) => i.Rule.Name;

    private static string Name(Inference i, Value value) => value.Name ?? i.Describe(new Value(value.Id, value.Shape, null, Origin.None));

    /// <summary>A residual branch that changed channels and size: the projection that brings the skip along.</summary>
    private static (Value Skip, string Convolution)? Projection(Inference i, Value left, Value right)
    {
        if (left.Shape.Rank != 4 || right.Shape.Rank != 4) return null;
        if (Project(left.Shape, right) is { } project) return project;
        return Project(right.Shape, left);

        (Value, string)? Project(Shape target, Value skip)
        {
            if (!target[1].TryConstant(out var channels)) return null;
            for (var stride = 1; stride <= 4; stride++)
            {
                // 1×1 with a stride: (H-1)//s + 1; for even sizes that is H//s as well.
                bool Fits(int axis)
                    => i.Equal(target[axis], (skip.Shape[axis] - 1).FloorDiv(stride) + 1)
                        || (stride > 1 && target[axis].Equals(skip.Shape[axis].FloorDiv(stride)));
                if (!Fits(2) || !Fits(3)) continue;
                return (skip, $".Conv2d({channels}, k: 1{(stride > 1 ? $", stride: {stride}" : "")})");
            }
            return null;
        }
    }

    /// <summary>
    /// HYB1008: a matrix whose rows are examples, times a matrix for each example, makes a row for each pair of examples:
    /// [B, 16] · [B, 16, 8] is [B, B, 8].
    /// </summary>
    public static void WarnOfExamplesTwice(Inference i, Value left, Value right)
    {
        if (left.MayBroadcast || right.MayBroadcast) return;
        var (isLeft, matrix, stack) = left.Shape.Rank == 2 ? (true, left, right) : (false, right, left);
        if (matrix.Shape.Rank != 2 || stack.Shape.Rank < 3) return;
        var rows = matrix.Shape[isLeft ? 0 : 1];
        if (i.IsWeightSize(rows)
            || !stack.Shape.Sizes.Take(stack.Shape.Rank - 2).Any(size => i.Equal(size, rows))
            || (isLeft ? stack.Shape[-1] : stack.Shape[-2]).Equals(rows))
        {
            return;
        }
        var what = $"{i.Subject} multiplies each of the {rows} {(isLeft ? "rows" : "columns")} of {i.Describe(matrix)} {matrix.Shape} "
            + "with each "
            + $"of the {rows} matrices of {i.Describe(stack)} {stack.Shape}";
        if (isLeft)
        {
            i.Warn(
                "HYB1008",
                $"{what}. For one row an example, use .Unsqueeze(1) on it and .Squeeze(1) on the product, or .Broadcast() if all pairs are "
                    + "intended.",
                "other", left, right);
            if (stack.Shape.Rank == 3) i.Offer(EditKind.Around, ".Unsqueeze(1)¦.Squeeze(1)", i.Call);
        }
        else
        {
            i.Warn(
                "HYB1008",
                $"{what}. For one column an example, give it the shape [{rows}, {matrix.Shape[0]}, 1], or .Broadcast() if all pairs are "
                    + "intended.",
                "other", left, right);
        }
        i.Offer(EditKind.Append, ".Broadcast()", i.Place("other"));
    }

    private static bool MutualBroadcast(Inference i, Value left, Value right, EquatableArray<Axis> axes, string place)
    {
        var result = new Shape(axes);
        var lower = left.Shape.Rank < right.Shape.Rank ? left : right;
        var unsqueeze = lower.Name is { } name ? $"Use {name}.Unsqueeze(1)" : $"Use .Unsqueeze(1) on {i.Describe(lower)}";
        // A product joins its batches; what a loss compares is joined by arithmetic.
        var isElementwise = i.Rule.Signature["left"] is not null;
        if (i.Kind == GraphKind.Loss && isElementwise)
        {
            i.Error(
                "HYB3005",
                $"'{Sign(i)}': {Name(i, left)} {left.Shape} and {Name(i, right)} {right.Shape} broadcast to {result}; the loss would "
                    + $"average {result.Elements} pairs. {unsqueeze}, or .Squeeze(1) on the other side.",
                place, left, right);
            return Unsqueezed();
        }
        i.Warn(
            "HYB1008",
            $"'{Sign(i)}' broadcasts {left.Shape} with {right.Shape} into {result}. {unsqueeze}, or .Broadcast() if that is intended.",
            place, left, right);
        Unsqueezed();
        i.Offer(EditKind.Append, ".Broadcast()", Side(lower));
        return true;

        Origin Side(Value side) => i.Place(side != left ? place : isElementwise ? "left" : "x");

        bool Unsqueezed() => i.Offer(EditKind.Append, ".Unsqueeze(1)", Side(lower));
    }
}
