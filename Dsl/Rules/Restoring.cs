using System;
using System.Linq;
using Hybrid.Algebra;
using Hybrid.Graphs;

namespace Hybrid.Rules;

/// <summary>
/// HYB1015: a decoder's map that does not come back to the size it is joined with or promised, reported where the map is made.
/// </summary>
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
        if (
            Fault(
                i.Builder, value, axis, actual, wanted, other.Shape,
                $"of {i.Describe(other)}",
                [value.Origin, other.Origin]) is not { } fault)
        {
            return false;
        }
        i.Faults.Add(fault);
        return true;
    }

    /// <summary>The fault at the transposed convolution that a value comes from, or null when it comes from none.</summary>
    /// <param name="builder">The graph so far.</param>
    /// <param name="value">The map that does not fit.</param>
    /// <param name="axis">The axis that differs, counted from the front.</param>
    /// <param name="actual">The map's size.</param>
    /// <param name="wanted">The size it should have.</param>
    /// <param name="shape">The whole shape that it should have in height and width.</param>
    /// <param name="whose">Where that shape comes from: <c>of 'x'</c>.</param>
    /// <param name="related">Further places.</param>
    public static Fault? Fault(
        GraphBuilder builder,
        Value value,
        int axis,
        Dim actual,
        Dim wanted,
        Shape shape,
        string whose,
        Origin[] related)
    {
        if (axis < 2 || value.Shape.Rank != 4 || shape.Rank != 4 || Source(builder, value) is not { } node) return null;
        var (arguments, signature) = (node.Arguments, RuleTable.Get(node.Operation).Signature);
        Argument.Pair Pair(string name) => (Argument.Pair)arguments[signature.ConstantPositionOf(name)];
        var (pad, stride, dilation) = (Pair("outputPad"), Pair("stride"), Pair("dilation"));
        var (height, width) = (More(2, pad.Height, stride.Height, dilation.Height), More(3, pad.Width, stride.Width, dilation.Width));
        var name = builder.ValueOf(node.Outputs[0]).Name is { } local ? $" '{local}'" : "";
        var verdict = builder.Facts.AreEqual(actual, wanted);
        var what = $"{node.Operation}{name} gives {(axis == 2 ? "height" : "width")} {actual}, not the {wanted} "
            + $"{whose}{verdict.Witnessed(actual, wanted)}";
        var places = related.Where(origin => origin.IsKnown).ToEquatable();
        if (height is { } h && width is { } w)
        {
            var more = h == w ? $"{h}" : $"({h}, {w})";
            return new Fault("HYB1015", $"{what}. Add outputPad: {more}.", node.Origin, places, verdict.Witness)
                { Edits = EquatableArray.Of(new Edit(EditKind.Argument, $"outputPad: {more}", node.Origin)) };
        }
        var facts = builder.Facts.MissingFor(Enumerable.Range(2, 2).Select(n => (value.Shape[n], shape[n])));
        var fact = facts is { } missing
            ? $"They agree if {missing}: add Where = \"{missing}\", or .CropTo on the larger side."
            : "Change k, stride or pad, or use .CropTo on the larger side.";
        return new Fault("HYB1015", $"{what}. {fact}", node.Origin, places, verdict.Witness, facts);

        // The outputPad with which this axis fits; null when none does.
        long? More(int n, long present, long stride, long dilation)
        {
            for (long more = 0; more < Math.Max(stride, dilation); more++)
                if (builder.Facts.AreEqual(value.Shape[n] - present + more, shape[n]).IsProved) return more;
            return null;
        }
    }

    private static Node? Source(GraphBuilder builder, Value value)
    {
        for (var node = builder.ProducerOf(value); node is not null;)
        {
            if (node.Operation == "ConvTranspose2d") return node;
            if (node.Inputs.Count(input => input >= 0) != 1) return null;
            var input = builder.ValueOf(node.Inputs.First(id => id >= 0));
            if (input.Shape.Rank != 4 || !Enumerable.Range(2, 2).All(axis => input.Shape[axis].Equals(value.Shape[axis]))) return null;
            node = builder.ProducerOf(input);
        }
        return null;
    }
}
