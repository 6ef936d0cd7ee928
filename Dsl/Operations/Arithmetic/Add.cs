using Hybrid.Graphs;
using Hybrid.Programs;

namespace Hybrid.Rules;

/// <summary>Sum of two tensors, or a tensor and a number.</summary>
internal sealed class AddRule() : BinaryRule("+")
{
    public override bool IsResultFree => true;

    protected override Domain DomainOf(Domain left, Domain right)
        => left == Domain.Any || right == Domain.Any
            ? Domain.Any
            : left == Domain.Positive || right == Domain.Positive
            ? Domain.Positive
            : Domain.NonNegative;

    protected override Domain DomainWithNumber(Domain of, double number, bool numberIsLeft)
        => of == Domain.Any || number < 0 ? Domain.Any : number > 0 || of == Domain.Positive ? Domain.Positive : Domain.NonNegative;

    public override bool Tangent(TangentCode c)
    {
        var rank = c.Result().Rank;
        var left = c.Has("left") ? c.TangentOf("left", rank) : null;
        var right = c.Has("right") ? c.TangentOf("right", rank) : null;
        if (left is not null && right is not null) return c.Set($"{left} + {right}");
        return c.Set(c.Widen((left ?? right)!, left is not null ? "left" : "right"));
    }

    protected override string Operator => "Add";
}
