using Hybrid.Graphs;
using Hybrid.Onnx;
using Hybrid.Programs;

namespace Hybrid.Rules;

/// <summary>A comparison of two sides that broadcast: truth values, through which no derivative passes.</summary>
/// <param name="name">The operator's sign, or the method's name.</param>
/// <param name="method">TorchSharp's method.</param>
/// <param name="turned">The method that gives the same with the sides swapped.</param>
/// <param name="comparison">ONNX's operator.</param>
internal abstract class ComparisonRule(string name, string method, string turned, string comparison) : BinaryRule(name)
{
    protected override string Operator => comparison;

    public override void Infer(Inference i)
    {
        var (left, right) = (i.Optional("left"), i.Optional("right"));
        if (left is null || right is null)
            i.Output((left ?? right)!.Shape with { Domain = Domain.Any, Element = ElementType.Bool });
        else if (Broadcasting.TryShape(i, left, right, out var axes)) i.Output(new Shape(axes, ElementType.Bool));
    }

    private string Compared(NodeCode c, string left, string right)
        => c.Has("left") ? $"{left}.{method}({right})" : $"{right}.{turned}({left})";

    public override string Functional(NodeCode c) => Compared(c, Side(c, "left"), Side(c, "right"));

    public override string? Ensemble(EnsembleCode c)
    {
        var rank = c.Result().Rank;
        string Aligned(string side) => c.Has(side) ? c.In(side, rank) : c.Number(side);
        return Compared(c, Aligned("left"), Aligned("right"));
    }

    public override bool Tangent(TangentCode c) => c.SetNone();

    internal override string? Onnx(OnnxCode c)
    {
        // Real numbers where one side holds such; truth values are compared there as 0 and 1.
        var isReal = !c.Has("left") || !c.Has("right") || c.Shape("left").Element == ElementType.Real
            || c.Shape("right").Element == ElementType.Real;
        var element = isReal ? ElementType.Real : ElementType.Int64;
        string OnnxSide(string side)
            => c.Has(side) ? c.As(element, c.In(side), c.Shape(side).Element) : c.Builder.Single(c.Real(side));
        return Result(c, c.Add(comparison, [OnnxSide("left"), OnnxSide("right")]));
    }

    /// <summary>What ONNX's operator gives, or its opposite.</summary>
    private protected virtual string Result(OnnxCode c, string compared) => compared;
}
