using Hybrid.Graphs;
using Hybrid.Programs;

namespace Hybrid.Rules;

/// <summary>Difference of two tensors, or of a tensor and a number.</summary>
internal sealed class SubtractRule() : BinaryRule("-")
{
    /// <summary>libtorch refuses them.</summary>
    protected override bool TakesMasks => false;

    protected override Domain DomainWithNumber(Domain of, double number, bool numberIsLeft)
        => !numberIsLeft || of is not (Domain.Probability or Domain.Distribution) || number < 1
            ? Domain.Any
            : number > 1
            ? Domain.Positive
            : Domain.Probability;

    public override bool Tangent(TangentCode c)
    {
        var rank = c.Result().Rank;
        var left = c.Has("left") ? c.TangentOf("left", rank) : null;
        var right = c.Has("right") ? c.TangentOf("right", rank) : null;
        if (left is not null && right is not null) return c.Set($"{left} - {right}");
        return left is not null ? c.Set(c.Widen(left, "left")) : c.Set(c.Widen($"(-{right})", "right"));
    }

    protected override string Operator => "Sub";
}
