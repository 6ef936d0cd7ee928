using Hybrid.Algebra;
using Hybrid.Graphs;
using Hybrid.Onnx;
using Hybrid.Programs;

namespace Hybrid.Rules;

/// <summary>An operation of two sides that broadcast: tensors, or a tensor and a number.</summary>
internal abstract class BinaryRule(string sign) : Rule
{
    public override string Name => sign;

    protected override Signature Declared() => new(Name, new("left", ParameterKind.Operand), new("right", ParameterKind.Operand));

    public override bool Takes(Inference inference, string parameter, ElementType element) => TakesMasks || element != ElementType.Bool;

    public override void Infer(Inference i)
    {
        var left = i.Optional("left");
        var right = i.Optional("right");
        if (left is null || right is null)
        {
            var only = (left ?? right)!;
            if (Name == "-" && right is null && i.Real("right") == 1) i.WarnOfNormOfPixels(only);
            i.Output(
                only.Shape with
                {
                    // Of a number that a [Param] decides nothing is known.
                    Domain = i.Real(left is null ? "left" : "right") is var number && double.IsNaN(number)
                        ? Domain.Any
                        : DomainWithNumber(only.Shape.Domain, number, left is null),
                    Element = ElementType.Real,
                });
            return;
        }
        if (Name == "*" && left.Id == right.Id && !i.RequireWholeDifference(left)) return;
        if (Broadcasting.TryShape(i, left, right, out var axes))
        {
            i.WarnOfSingleStatistic(left, right);
            i.WarnOfChance(left, right);
            i.WarnOfTurnedStatistic(left, right);
            i.WarnOfSumOverExamples(left, right);
            i.WarnOfQuotientOverExamples(left, right);
            i.Output(new Shape(axes, Of(left.Shape.Element, right.Shape.Element), DomainOf(left.Shape.Domain, right.Shape.Domain)));
        }
    }

    /// <summary>
    /// The elements of the result: truth values beside whole numbers count as 0 and 1, and whole numbers beside real ones are real. A
    /// number is written as a double.
    /// </summary>
    protected virtual ElementType Of(ElementType left, ElementType right) => left < right ? left : right;

    /// <summary>Whether one side may be a mask, which counts as 0 and 1.</summary>
    protected virtual bool TakesMasks => true;

    protected virtual Domain DomainOf(Domain left, Domain right) => Domain.Any;

    protected virtual Domain DomainWithNumber(Domain of, double number, bool numberIsLeft) => Domain.Any;

    protected static string Side(NodeCode c, string side) => c.Has(side) ? c.In(side) : c.Number(side);

    public override string Functional(NodeCode c) => $"{Side(c, "left")} {Name} {Side(c, "right")}";

    public override string? Ensemble(EnsembleCode c)
    {
        var rank = c.Result().Rank;
        string Aligned(string side) => c.Has(side) ? c.In(side, rank) : c.Number(side);
        return $"{Aligned("left")} {Name} {Aligned("right")}";
    }

    public override Dim Flops(NodeCode c) => c.Result().Elements;

    /// <summary>ONNX's operator.</summary>
    protected abstract string Operator { get; }

    internal override string? Onnx(OnnxCode c)
    {
        // Truth values are joined there by operators of their own.
        if (c.Result().Element == ElementType.Bool) return c.Add(Operator == "Add" ? "Or" : "And", [c.In("left"), c.In("right")]);
        string OnnxSide(string side) => c.Has(side) ? c.InReal(side) : c.Builder.Single(c.Real(side));
        return c.Add(Operator, [OnnxSide("left"), OnnxSide("right")]);
    }
}
