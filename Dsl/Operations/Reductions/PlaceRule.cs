using System.Linq;
using Hybrid.Algebra;
using Hybrid.Graphs;
using Hybrid.Onnx;
using Hybrid.Programs;

namespace Hybrid.Rules;

/// <summary>Where along an axis the largest or smallest value is.</summary>
/// <param name="method">TorchSharp's method.</param>
internal abstract class PlaceRule(string method) : Rule
{
    public override bool Takes(Inference inference, string parameter, ElementType element) => element == ElementType.Int64;

    public override void Infer(Inference i)
    {
        var x = i.Shape();
        if (!i.TryAxis(i.Integer("axis"), x.Rank, "axis", out var axis)) return;
        i.WarnOfSinglePlaceOf(axis);
        var kept = x.Axes.Select((own, n) => n == axis ? new Axis(Dim.One) : own).Where((_, n) => n != axis || i.Flag("keep"));
        i.Output(new Shape(kept.ToEquatable(), ElementType.Int64));
    }

    public override string Functional(NodeCode c) => $"{c.In()}.{method}({c.FromEnd("axis")}{(c.Flag("keep") ? ", keepdim: true" : "")})";

    public override string? Ensemble(EnsembleCode c) => Functional(c);

    // Places do not move.
    public override bool Tangent(TangentCode c) => c.SetNone();

    public override Dim Flops(NodeCode c) => c.Shape().Elements;

    internal override string? Onnx(OnnxCode c)
        => c.Add(Name, [c.In()], ("axis", c.Axis("axis", c.Shape().Rank)), ("keepdims", c.Flag("keep") ? 1L : 0L));
}
