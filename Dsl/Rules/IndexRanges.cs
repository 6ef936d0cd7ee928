using System.Linq;
using Hybrid.Algebra;
using Hybrid.Graphs;

namespace Hybrid.Rules;

/// <summary>
/// HYB1032: indices whose range shows, the places of a largest value along an axis, and what they pick from or choose among, which is
/// smaller.
/// </summary>
internal static class IndexRanges
{
    /// <param name="i">The operation.</param>
    /// <param name="indices">Whole numbers.</param>
    /// <param name="count">How many there are to pick from.</param>
    /// <param name="what">What they pick from: <c>the table has 256 rows</c>.</param>
    /// <param name="parameter">Where the indices were given.</param>
    public static void WarnOfIndicesBeyond(this Inference i, Value indices, Dim count, string what, string parameter)
    {
        if (Along(i, indices) is not var (operation, size) || !i.Facts.IsAtLeast(count - size, 0).IsRefuted) return;
        i.Warn(
            "HYB1032",
            $"{i.Subject}: {i.Describe(indices)} {indices.Shape} holds places along an axis of {size} (by {operation}), and {what}; a "
                + "larger "
                + $"index throws when it runs. Give it {size}, or take the place among {count}.",
            parameter, indices);
    }

    /// <summary>The operation that gave places along an axis, and the size of that axis; views of them aside.</summary>
    private static (string Operation, Dim Size)? Along(Inference i, Value indices)
    {
        while (i.Producer(indices) is { } node)
        {
            var from = i.Builder.ValueOf(node.Inputs[0]);
            var rule = RuleTable.Get(node.Operation);
            if (rule is PlaceRule && node.Arguments[rule.Signature.ConstantPositionOf("axis")] is Argument.Size { Value: var given }
                && given.TryConstant(out var axis))
            {
                return (node.Operation, from.Shape[(int)axis]);
            }
            if (!rule.IsView || node.Inputs.Count(input => input >= 0) != 1) return null;
            indices = from;
        }
        return null;
    }
}
