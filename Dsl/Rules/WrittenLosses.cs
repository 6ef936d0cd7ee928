using System.Collections.Generic;
using System.Linq;
using Hybrid.Algebra;
using Hybrid.Graphs;

namespace Hybrid.Rules;

/// <summary>
/// HYB3005 for losses that are written out as arithmetic: <c>(x − t).Square().Mean()</c> compares as <c>x.Mse(t)</c> does, so it gets the
/// same verdict.
/// </summary>
internal static class WrittenLosses
{
    /// <summary>
    /// Whether the difference of which a loss takes the square or the absolute value is of two tensors of one shape. What is repeated on
    /// purpose passes: a size of 1 that was made here, a statistic of the other side, a number, and what is marked <c>.Broadcast()</c>.
    /// </summary>
    public static bool RequireWholeDifference(this Inference i, Value difference)
    {
        if (i.Kind != GraphKind.Loss || i.Producer(difference) is not { Operation: "-" }) return true;
        if (i.Builder.UseOf(difference) is not { } use || use.Tensors[0] is not { } left || use.Tensors[1] is not { } right) return true;
        if (left.MayBroadcast || right.MayBroadcast || left.Shape.Rank == 0 || right.Shape.Rank == 0) return true;
        if (!IsRepeated(i, left, right) && !IsRepeated(i, right, left)) return true;
        if (Inputs(i, left).Overlaps(Inputs(i, right))) return true;
        var place = use.Origins[use.Signature.PositionOf("right")];
        return i.Error(
            "HYB3005",
            $"'-': {i.Describe(left)} {left.Shape} and {i.Describe(right)} {right.Shape} broadcast to {difference.Shape}; the loss would "
                + "compare some elements several times. Give both the same shape, or write .Broadcast() if that is intended.",
            place.IsKnown ? place : difference.Origin, left, right);
    }

    /// <summary>Whether a side is repeated along the other although that was not written.</summary>
    private static bool IsRepeated(Inference i, Value side, Value other)
    {
        if (side.Shape.Sizes.All(size => size.Equals(Dim.One)) && side.Shape.Rank < other.Shape.Rank) return false;
        // A vector that knows no batch, and is not called for a target, is the same for all examples: a centre, a fiducial.
        if (side.Shape.Rank == 1 && other.Shape.Rank > 1 && i.IsWeightSize(side.Shape[0]) && !IsCompared(side)) return false;
        for (var back = 1; back <= other.Shape.Rank; back++)
        {
            if (other.Shape[-back].Equals(Dim.One)) continue;
            if (back > side.Shape.Rank) return IsAsGiven(i, side);
            if (side.Shape[-back].Equals(Dim.One)) return IsAsGiven(i, side);
        }
        return false;
    }

    /// <summary>Whether a tensor is called what a loss compares.</summary>
    private static bool IsCompared(Value side)
        => side.Name is not { } name
            || name is "t" or "y"
            || new[] { "target", "truth", "label", "predict", "output", "expected", "observed", "goal" }
                .Any(word => name.IndexOf(word, System.StringComparison.OrdinalIgnoreCase) >= 0);

    /// <summary>Whether a tensor has its axes as they came in: functions of each element and stretches change none.</summary>
    private static bool IsAsGiven(Inference i, Value value)
    {
        while (i.Producer(value) is { } node)
        {
            var rule = RuleTable.Get(node.Operation);
            var tensors = node.Inputs.Where(input => input >= 0).ToList();
            if (tensors.Count != 1 || node.Layer >= 0 || !(rule is UnaryRule or BinaryRule
                || node.Operation is "Slice" or "Detach")) return false;
            value = i.Builder.ValueOf(tensors[0]);
        }
        return true;
    }

    private static HashSet<int> Inputs(Inference i, Value value)
    {
        var (found, open, seen) = (new HashSet<int>(), new Stack<Value>([value]), new HashSet<int>());
        while (open.Count > 0)
        {
            var next = open.Pop();
            if (!seen.Add(next.Id)) continue;
            if (i.Producer(next) is not { } node) found.Add(next.Id);
            else foreach (var input in node.Inputs.Where(input => input >= 0)) open.Push(i.Builder.ValueOf(input));
        }
        return found;
    }
}
