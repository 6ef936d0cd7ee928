using System;
using System.Linq;
using Hybrid.Algebra;
using Hybrid.Graphs;

namespace Hybrid.Rules;

/// <summary>HYB1015: a decoder's map that does not come back to the size it is joined with, told where the map is made.</summary>
internal static class Restoring
{
    /// <summary>
    /// Reports the mismatch at the transposed convolution that a value comes from, operations that keep its size aside. False when it comes
    /// from none.
    /// </summary>
    /// <param name="i">The joining operation.</param>
    /// <param name="value">One side.</param>
    /// <param name="axis">The axis that differs, counted from the front.</param>
    /// <param name="actual">The side's size.</param>
    /// <param name="wanted">The other side's size.</param>
    /// <param name="other">The other side.</param>
    public static bool Blame(Inference i, Value value, int axis, Dim actual, Dim wanted, Value other)
    {
        if (axis < 2 || value.Shape.Rank != 4 || other.Shape.Rank != 4 || Source(i, value) is not { } node) return false;
        var (arguments, signature) = (node.Arguments, RuleTable.Get(node.Operation).Signature);
        Argument.Pair Pair(string name) => (Argument.Pair)arguments[signature.ConstantPositionOf(name)];
        var (pad, stride, dilation) = (Pair("outputPad"), Pair("stride"), Pair("dilation"));
        var (height, width) = (More(2, pad.Height, stride.Height, dilation.Height), More(3, pad.Width, stride.Width, dilation.Width));
        var name = i.ValueOf(node.Outputs[0]).Name is { } local ? $" '{local}'" : "";
        var verdict = i.Facts.AreEqual(actual, wanted);
        var what = $"{node.Operation}{name} gives {(axis == 2 ? "height" : "width")} {actual}, not the {wanted} of {i.Describe(other)}{verdict.Witnessed(actual, wanted)}";
        if (height is { } h && width is { } w)
        {
            var more = h == w ? $"{h}" : $"({h}, {w})";
            i.Report("HYB1015", FaultSeverity.Error, $"{what}. Add outputPad: {more}.", node.Origin, [value, other], verdict.Witness);
            i.Offer(EditKind.Argument, $"outputPad: {more}");
            return true;
        }
        var fact = verdict.Missing is { } missing ? $"They agree if {missing}: add Where = \"{missing}\", or .CropTo on the larger side." : "Change k, stride or pad, or use .CropTo on the larger side.";
        i.Report("HYB1015", FaultSeverity.Error, $"{what}. {fact}", node.Origin, [value, other], verdict.Witness, verdict.Missing);
        return true;

        // The outputPad with which this axis fits; null when none does.
        long? More(int n, long present, long stride, long dilation)
        {
            for (long more = 0; more < Math.Max(stride, dilation); more++)
                if (i.Equal(value.Shape[n] - present + more, other.Shape[n])) return more;
            return null;
        }
    }

    private static Node? Source(Inference i, Value value)
    {
        for (var node = i.Producer(value); node is not null;)
        {
            if (node.Operation == "ConvTranspose2d") return node;
            if (node.Inputs.Count(input => input >= 0) != 1) return null;
            var input = i.ValueOf(node.Inputs.First(id => id >= 0));
            if (input.Shape.Rank != 4 || !Enumerable.Range(2, 2).All(axis => input.Shape[axis].Equals(value.Shape[axis]))) return null;
            node = i.Producer(input);
        }
        return null;
    }
}
