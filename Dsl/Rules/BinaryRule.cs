using Hybrid.Algebra;
using Hybrid.Graphs;
using Hybrid.Programs;

namespace Hybrid.Rules;

/// <summary>An operation of two sides that broadcast: tensors, or a tensor and a number.</summary>
internal abstract class BinaryRule(string name) : Rule
{
    public override Signature Signature { get; } = new(name, new("left", ParameterKind.Operand), new("right", ParameterKind.Operand));

    public override bool NeedsReal(string parameter) => false;

    public override void Infer(Inference i)
    {
        var left = i.Optional("left");
        var right = i.Optional("right");
        if (!Holds(i, left, right)) return;
        if (left is null || right is null)
        {
            var only = (left ?? right)!;
            i.Output(only.Shape with { Domain = DomainWithNumber(only.Shape.Domain, i.Real(left is null ? "left" : "right"), left is null), Element = ElementType.Real });
            return;
        }
        if (Broadcasting.TryShape(i, left, right, out var axes))
            i.Output(new Shape(axes, ElementType.Real, DomainOf(left.Shape.Domain, right.Shape.Domain)));
    }

    /// <summary>HYB1023: a number, written as a double, or a tensor of real numbers makes the result real; of two other tensors it would be whole.</summary>
    private bool Holds(Inference i, Value? left, Value? right)
    {
        var whole = left is { Shape.Element: not ElementType.Real } ? left : right is { Shape.Element: not ElementType.Real } ? right : null;
        if (whole is null) return true;
        var place = whole == left ? "left" : "right";
        if (!TakesMasks && whole.Shape.Element == ElementType.Bool)
            return i.Error("HYB1023", $"'{Name}' takes no truth values; {i.Describe(whole)} {whole.Shape} holds them. Multiply with the mask, or leave [Bool] out.", place, whole);
        return left is null or { Shape.Element: ElementType.Real } || right is null or { Shape.Element: ElementType.Real }
            || i.Error("HYB1023", $"'{Name}' needs real numbers on one side; {i.Describe(left)} holds {LossTargets.Kind(left)}, {i.Describe(right)} {LossTargets.Kind(right)}. Make one real: * 1.0.", "left", left, right);
    }

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

    public override Dim Flops(Node node, Graph graph) => graph.Values[node.Outputs[0]].Shape.Elements;
}
