using System.Linq;
using Hybrid.Graphs;
using Hybrid.Onnx;
using Hybrid.Programs;

namespace Hybrid.Rules;

/// <summary>An operation on square matrices, (…, N, N).</summary>
internal abstract class SquareMatrixRule : Rule
{
    /// <summary>Whether the result is a matrix too, or one number each.</summary>
    protected abstract bool GivesMatrix { get; }

    public override void Infer(Inference i)
    {
        var x = i.Value();
        if (x.Shape.Rank < 2)
        {
            i.Error(
                "HYB1004",
                $"{i.Subject} needs square matrices [...,N,N]; {i.Describe(x)} gives rank {x.Shape.Rank} {x.Shape}. Give it a matrix.",
                "x", x);
            return;
        }
        if (!i.Demand(x.Shape[-2], x.Shape[-1], "x", out var verdict))
        {
            i.Report(
                "HYB1021",
                $"{i.Subject} needs square matrices; {i.Describe(x)} is {x.Shape}{verdict.Witnessed(x.Shape[-2], x.Shape[-1])}. Use Cov "
                    + "or x.Transpose().MatMul(x) to get one.",
                i.Place("x"), [x], verdict.Witness, verdict.Missing);
            return;
        }
        i.Output(
            GivesMatrix
                ? x.Shape with { Domain = Domain.Any, Element = ElementOf(x.Shape.Element) }
                : new Shape(x.Shape.Axes.Take(x.Shape.Rank - 2).ToEquatable(), ElementOf(x.Shape.Element)));
    }

    /// <summary>What it gives for the elements it takes.</summary>
    protected virtual ElementType ElementOf(ElementType element) => ElementType.Real;

    public override Algebra.Dim Flops(NodeCode c)
    {
        var x = c.Shape();
        return x.Elements * x[-1];
    }

    /// <summary>value · 1 of the input's last two axes.</summary>
    protected static string OnnxIdentity(OnnxCode c, double value)
    {
        if (c.Shape()[-1].TryConstant(out var n) && n <= 64)
        {
            var values = new float[n * n];
            for (var i = 0; i < n; i++) values[(i * n) + i] = (float)value;
            return c.Builder.Singles([n, n], values);
        }
        var place = c.Count(c.Shape()[-1]);
        var diagonal = c.Add("Cast", [c.Add("Equal", [place, c.Unsqueeze(place, 1)])], ("to", 1L));
        return value == 1 ? diagonal : c.Multiply(diagonal, c.Builder.Single(value));
    }
}
