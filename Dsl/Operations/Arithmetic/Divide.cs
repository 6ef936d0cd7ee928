using Hybrid.Graphs;
using Hybrid.Programs;

namespace Hybrid.Rules;

/// <summary>Quotient of elements.</summary>
internal sealed class DivideRule() : BinaryRule("/")
{
    /// <summary>libtorch's quotient is the true one, of whole numbers too.</summary>
    protected override ElementType Of(ElementType left, ElementType right) => ElementType.Real;

    protected override Domain DomainOf(Domain left, Domain right)
        => right != Domain.Positive
            ? Domain.Any
            : left is Domain.Positive
            ? Domain.Positive
            : left == Domain.Any
            ? Domain.Any
            : Domain.NonNegative;

    protected override Domain DomainWithNumber(Domain of, double number, bool numberIsLeft)
        => number > 0 && of == Domain.Positive ? Domain.Positive
            : !numberIsLeft && number > 0 && of != Domain.Any ? Domain.NonNegative
            : Domain.Any;

    /// <summary>d(a/b) = (da − (a/b) db)/b.</summary>
    public override bool Tangent(TangentCode c)
    {
        var rank = c.Result().Rank;
        var left = c.Has("left") ? c.TangentOf("left", rank) : null;
        var right = c.Has("right") ? c.TangentOf("right", rank) : null;
        var below = Side(c, "right");
        if (right is null) return c.Set($"{left} / {below}");
        var fall = $"({c.Out} * {right})";
        return c.Set(left is null ? $"-{fall} / {below}" : $"({left} - {fall}) / {below}");
    }

    protected override string Operator => "Div";
}
