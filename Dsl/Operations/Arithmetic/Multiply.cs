using Hybrid.Graphs;
using Hybrid.Programs;

namespace Hybrid.Rules;

/// <summary>Product of elements.</summary>
internal sealed class MultiplyRule() : BinaryRule("*")
{
    protected override Domain DomainOf(Domain left, Domain right)
        => left == Domain.Any || right == Domain.Any ? Domain.Any
            : IsProbability(left) && IsProbability(right) ? Domain.Probability
            : left == Domain.Positive && right == Domain.Positive ? Domain.Positive : Domain.NonNegative;

    protected override Domain DomainWithNumber(Domain of, double number, bool numberIsLeft)
        => IsProbability(of) && number is >= 0 and <= 1 ? Domain.Probability
            : number > 0 && of == Domain.Positive ? Domain.Positive : number >= 0 && of != Domain.Any ? Domain.NonNegative : Domain.Any;

    private static bool IsProbability(Domain domain) => domain is Domain.Probability or Domain.Distribution;

    public override bool Tangent(TangentCode c)
    {
        var rank = c.Result().Rank;
        var left = c.Has("left") ? c.TangentOf("left", rank) : null;
        var right = c.Has("right") ? c.TangentOf("right", rank) : null;
        var byLeft = left is null ? null : $"({left} * {Side(c, "right")})";
        var byRight = right is null ? null : $"({Side(c, "left")} * {right})";
        return c.Set(byLeft is null ? byRight! : byRight is null ? byLeft : $"{byLeft} + {byRight}");
    }

    protected override string Operator => "Mul";
}
