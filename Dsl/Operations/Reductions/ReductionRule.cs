using System.Collections.Generic;
using System.Linq;
using Hybrid.Algebra;
using Hybrid.Graphs;
using Hybrid.Programs;

namespace Hybrid.Rules;

/// <summary>A reduction over some axes, or all.</summary>
internal abstract class ReductionRule : Rule
{
    public override void Infer(Inference i)
    {
        var x = i.Shape();
        var reduced = new SortedSet<int>();
        foreach (var axis in i.Argument("axes") is Argument.Integers axes ? axes.Values : Enumerable.Range(0, x.Rank).ToEquatable())
        {
            if (!i.TryAxis(axis, x.Rank, "axes", out var position)) return;
            if (reduced.Add(position)) continue;
            i.Error("HYB1004", $"{i.Subject}: axis {axis} is given twice. Name each axis once.", "axes", i.Value());
            return;
        }
        i.WarnOfPoolOverExamples(reduced);
        i.WarnOfChannelsWithPlaces(reduced);
        if (!Check(i, reduced.Select(axis => x[axis]).ToList())) return;
        var kept = x.Axes.Select(
            (axis, n) => (Axis: reduced.Contains(n) ? new Axis(Dim.One) : axis, Stays: !reduced.Contains(n) || i.Flag("keep")));
        i.Output(new Shape(kept.Where(axis => axis.Stays).Select(axis => axis.Axis).ToEquatable(), ElementOf(x.Element), Image(x.Domain)));
    }

    protected virtual bool Check(Inference i, IReadOnlyList<Dim> reduced) => true;

    /// <summary>What it gives for the elements it takes.</summary>
    protected virtual ElementType ElementOf(ElementType element) => element;

    protected virtual Domain Image(Domain of) => of is Domain.Positive or Domain.NonNegative ? of : Domain.Any;

    /// <summary>The reduced axes counted from the end: the same for a value and its tangent.</summary>
    protected static IReadOnlyList<int> FromEnd(NodeCode c)
    {
        var rank = c.Shape().Rank;
        var axes = c.Argument("axes") is Argument.Integers given
            ? given.Values.Select(axis => axis < 0 ? axis : axis - rank)
            : Enumerable.Range(-rank, rank);
        return axes.OrderBy(axis => axis).ToList();
    }

    /// <summary><c>x.mean(new long[] { -2, -1 }, keepdim: true)</c></summary>
    protected static string Call(NodeCode c, string tensor, string method)
    {
        if (c.Shape().Rank == 0) return $"{tensor}.alias()";
        var axes = NodeCode.Longs(FromEnd(c).Select(axis => (long)axis).ToArray());
        return $"{tensor}.{method}({axes}{(c.Flag("keep") ? ", keepdim: true" : "")})";
    }

    /// <summary>The result with each reduced axis as an axis of size 1, so that it broadcasts against the input.</summary>
    protected static string Kept(TangentCode c)
        => c.Flag("keep") ? c.Out : c.Out + string.Concat(FromEnd(c).Reverse().Select(axis => $".unsqueeze({axis})"));

    public override Dim Flops(NodeCode c) => c.Shape().Elements;
}
