using System.Linq;
using Hybrid.Graphs;
using Hybrid.Onnx;
using Hybrid.Programs;

namespace Hybrid.Rules;

/// <summary>The largest or the smallest value over some axes.</summary>
/// <param name="method">TorchSharp's method.</param>
/// <param name="reduction">ONNX's operator.</param>
internal abstract class ExtremeRule(string method, string reduction) : ReductionRule
{
    public override bool Takes(Inference inference, string parameter, ElementType element) => true;

    // One of the values that there are.
    protected override Domain Image(Domain of) => of == Domain.Distribution ? Domain.Probability : of;

    public override string Functional(NodeCode c) => Call(c, c.In(), method);

    public override string? Ensemble(EnsembleCode c) => Call(c, c.In(), method);

    /// <summary>The tangent at the extreme; of several places, their mean, as in libtorch's backward.</summary>
    public override bool Tangent(TangentCode c)
    {
        if (c.Shape().Rank == 0) return c.Set(c.TangentOf()!);
        var places = c.Local("places", $"{c.In()}.eq({Kept(c)}).to({c.In()}.dtype)", "1 at each extreme");
        return c.Set($"{Call(c, $"({c.TangentOf()} * {places})", "sum")} / {Call(c, places, "sum")}");
    }

    internal override string? Onnx(OnnxCode c)
    {
        if (c.Shape().Rank == 0) return c.X;
        // Truth values are compared there as 0 and 1.
        var isMask = c.Shape().Element == ElementType.Bool;
        var x = isMask ? c.As(ElementType.Int64, c.X, ElementType.Bool) : c.X;
        var extreme = c.Add(reduction, [x], ("axes", c.Axes("axes")), ("keepdims", c.Flag("keep") ? 1L : 0L));
        return isMask ? c.As(ElementType.Bool, extreme, ElementType.Int64) : extreme;
    }
}
