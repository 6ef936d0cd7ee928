using System.Collections.Generic;
using System.Linq;
using Hybrid.Algebra;
using Hybrid.Graphs;
using Hybrid.Onnx;
using Hybrid.Programs;

namespace Hybrid.Rules;

/// <summary>A reduction over the elements where a mask is true; the others count for nothing, not even when they are NaN.</summary>
internal abstract class MaskedRule : Rule
{
    public override bool Takes(Inference inference, string parameter, ElementType element) => true;

    public override void Infer(Inference i)
    {
        var (x, mask) = (i.Value(), i.Value("mask"));
        if (mask.Shape.Element != ElementType.Bool)
        {
            i.RefuseElements(
                ElementType.Bool, mask, $"the mask {i.Describe(mask)} holds {LossTargets.Kind(mask)}, not truth values", "mask");
            return;
        }
        if (!Broadcasting.TryShape(i, x with { MayBroadcast = true }, mask, out var both, "mask")) return;
        if (both.Count != x.Shape.Rank || !both.Select(axis => axis.Size).Zip(x.Shape.Sizes, i.Equal).All(isSame => isSame))
        {
            i.Error(
                "HYB1007",
                $"{i.Subject}: the mask {i.Describe(mask)} {mask.Shape} is larger than {i.Describe(x)} {x.Shape}. Use a mask that repeats "
                    + "over it.",
                "mask", x, mask);
            return;
        }
        var reduced = new SortedSet<int>();
        foreach (var axis in i.Argument("axes") is Argument.Integers axes ? axes.Values : Enumerable.Range(0, x.Shape.Rank).ToEquatable())
        {
            if (!i.TryAxis(axis, x.Shape.Rank, "axes", out var position)) return;
            if (reduced.Add(position)) continue;
            i.Error("HYB1004", $"{i.Subject}: axis {axis} is given twice. Name each axis once.", "axes", x);
            return;
        }
        var kept = x.Shape.Axes.Select(
            (axis, n) => (Axis: reduced.Contains(n) ? new Axis(Dim.One) : axis, Stays: !reduced.Contains(n) || i.Flag("keep")));
        i.Output(
            new Shape(
                kept.Where(axis => axis.Stays).Select(axis => axis.Axis).ToEquatable(), ElementOf(x.Shape.Element), Image(x.Shape.Domain)));
    }

    /// <summary>What it gives for the elements it takes.</summary>
    protected virtual ElementType ElementOf(ElementType element) => ElementType.Real;

    protected abstract Domain Image(Domain of);

    // Counted from the end: the same for a value and its tangent.
    private static string Reduced(NodeCode c)
    {
        var rank = c.Shape().Rank;
        var axes = c.Argument("axes") is Argument.Integers given
            ? given.Values.Select(axis => axis < 0 ? axis : axis - rank)
            : Enumerable.Range(-rank, rank);
        var ordered = NodeCode.Longs(axes.OrderBy(axis => axis).Select(axis => (long)axis).ToArray());
        return $".sum({ordered}{(c.Flag("keep") ? ", keepdim: true" : "")})";
    }

    protected static string Sum(NodeCode c, string tensor)
        => c.Shape().Rank == 0
            ? $"{tensor}.masked_fill({c.In("mask")}.logical_not(), 0)"
            : $"{tensor}.masked_fill({c.In("mask")}.logical_not(), 0){Reduced(c)}";

    protected static string Count(NodeCode c) => c.Shape().Rank == 0 ? c.In("mask") : $"{c.In("mask")}.expand_as({c.In()}){Reduced(c)}";

    public override Dim Flops(NodeCode c) => c.Shape().Elements;

    /// <summary>What the mask hides counts for nothing, not even when it is NaN: so no product with the mask.</summary>
    protected static string OnnxSum(OnnxCode c)
    {
        var zero = c.Result().Element == ElementType.Int64 ? c.Builder.Integer(0) : c.Builder.Single(0);
        return OnnxReduced(c, c.Add("Where", [c.In("mask"), c.X, zero]));
    }

    /// <summary>How many elements the mask shows.</summary>
    protected static string OnnxCount(OnnxCode c)
        => OnnxReduced(c, c.As(ElementType.Real, c.Add("Expand", [c.In("mask"), c.Add("Shape", [c.X])]), ElementType.Bool));

    private static string OnnxReduced(OnnxCode c, string kept) => c.Shape().Rank == 0 ? kept : c.Sum(kept, c.Flag("keep"), c.Axes("axes"));
}
