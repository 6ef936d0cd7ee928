using System.Linq;
using Hybrid.Algebra;
using Hybrid.Graphs;
using Hybrid.Onnx;
using Hybrid.Programs;

namespace Hybrid.Rules;

/// <summary>The mean over all elements of a function of a prediction and a target of the same shape.</summary>
/// <param name="flopsPerElement">Operations for each element, the mean's sum included.</param>
internal abstract class LossRule(int flopsPerElement) : Rule
{
    /// <summary>What the first tensor is called.</summary>
    protected string Prediction => Signature.Parameters[0].Name;

    public override bool Takes(Inference inference, string parameter, ElementType element) => parameter != Prediction;

    public override void Infer(Inference i)
    {
        var (x, target) = (i.Value(Prediction), i.Value("target"));
        if (target.Shape.Element != ElementType.Real)
        {
            i.Error(
                "HYB3002",
                $"{i.Subject}: {i.Describe(target)} holds {LossTargets.Kind(target)}; {Name} compares with real numbers. Remove "
                    + $"[{target.Shape.Element}] and pass real numbers.",
                "target", target);
            return;
        }
        if (!RequireSameShape(i, x, target) || !Check(i)) return;
        i.Output(new Shape(EquatableArray<Axis>.Empty, ElementType.Real, Image));
    }

    /// <summary>Further checks, of what is known of the values.</summary>
    protected virtual bool Check(Inference i) => true;

    protected virtual Domain Image => Domain.NonNegative;

    /// <summary>HYB3005 where the shapes would broadcast, HYB1007 where they do not even do that.</summary>
    private bool RequireSameShape(Inference i, Value x, Value target)
    {
        if (x.Shape.Rank != target.Shape.Rank)
        {
            var (lower, higher) = x.Shape.Rank < target.Shape.Rank ? (x, target) : (target, x);
            if (LossTargets.Joined(i, lower.Shape, higher.Shape) is { } joined)
            {
                i.Error(
                    "HYB3005",
                    $"{i.Subject}: {Prediction} {x.Shape} and target {target.Shape} hold the same elements under other axes. Use "
                        + $"{joined} on "
                        + $"{i.Describe(higher)}.",
                    "target", x, target);
                return i.Offer(EditKind.Append, joined, i.Place(higher == x ? Prediction : "target"));
            }
            i.Error(
                "HYB3005",
                $"{i.Subject}: {Prediction} {x.Shape} and target {target.Shape} would broadcast against each other instead of being "
                    + $"compared element by element. Use .Unsqueeze on {i.Describe(lower)}, or .Squeeze on {i.Describe(higher)}.",
                "target", x, target);
            return LossTargets.Align(i, lower, lower == x ? Prediction : "target", higher, higher == x ? Prediction : "target");
        }
        for (var axis = 0; axis < x.Shape.Rank; axis++)
        {
            var (left, right) = (x.Shape[axis], target.Shape[axis]);
            if (i.Demand(left, right, "target", out var verdict)) continue;
            return left.Equals(Dim.One) || right.Equals(Dim.One)
                ? i.Error(
                    "HYB3005",
                    $"{i.Subject}: {Prediction} {x.Shape} and target {target.Shape} would broadcast along axis {axis} instead of being "
                        + "compared element by element. Give both the same shape.",
                    "target", x, target)
                : i.Error(
                    "HYB1007",
                    $"{i.Subject}: {Prediction} {x.Shape} and target {target.Shape} differ on axis {axis}: {left} and "
                        + $"{right}{verdict.Witnessed(left, right)}. Give both the same shape.",
                    "target", x, target);
        }
        return true;
    }

    /// <summary>The mean of a tangent (K, …) over all but its directions.</summary>
    protected static string Mean(string tangent) => $"({tangent}).flatten(1).mean(new long[] {{ 1 }})";

    /// <summary>The sum of the parts that there are.</summary>
    protected bool SetSum(TangentCode c, string? first, string? second)
        => c.Set(Mean(first is not null && second is not null ? $"{first} + {second}" : (first ?? second)!));

    /// <summary>The loss of each element, by TorchSharp's function with no reduction.</summary>
    protected abstract string Function { get; }

    public override string? Ensemble(EnsembleCode c)
        => MeanOfMember(c, Prediction, $"functional.{Function}({c.In(Prediction)}, {c.In("target")}, reduction: nn.Reduction.None)");

    /// <summary>The mean over all axes but the members'.</summary>
    internal static string MeanOfMember(EnsembleCode c, string parameter, string elements)
        => c.Shape(parameter).Rank == 0
            ? elements
            : $"{elements}.mean({NodeCode.LastAxes(c.Shape(parameter).Rank)})";

    public override Dim Flops(NodeCode c) => flopsPerElement * c.Shape(Prediction).Elements;

    /// <summary>The mean of a value of each element.</summary>
    internal static string OnnxMean(OnnxCode c, string elements, int rank)
        => rank == 0 ? elements : c.Mean(elements, keep: false, Enumerable.Range(0, rank).Select(axis => (long)axis).ToArray());
}

/// <summary>What several losses say of their targets.</summary>
internal static class LossTargets
{
    /// <summary>Offers to take out the axes of size 1 that one side has more, or to put them in on the other side; always false.</summary>
    public static bool Align(Inference i, Value lower, string lowerName, Value higher, string higherName)
    {
        if (higher.Shape.Rank > lower.Shape.Rank + 1)
        {
            // Several axes of size 1, as of a discriminator's [B, 1, 1, 1]: those at the end.
            var ones = Enumerable.Range(0, higher.Shape.Rank)
                .Where(n => higher.Shape[n].Equals(Dim.One))
                .Reverse()
                .Take(higher.Shape.Rank - lower.Shape.Rank)
                .ToList();
            if (ones.Count + lower.Shape.Rank != higher.Shape.Rank
                || !higher.Shape.Sizes.Where((_, n) => !ones.Contains(n)).Zip(lower.Shape.Sizes, i.Equal).All(same => same))
            {
                return false;
            }
            i.Offer(EditKind.Append, string.Concat(ones.Select(n => $".Squeeze({n})")), i.Place(higherName));
            return i.Offer(
                EditKind.Append, string.Concat(ones.AsEnumerable().Reverse().Select(n => $".Unsqueeze({n})")), i.Place(lowerName));
        }
        if (higher.Shape.Rank != lower.Shape.Rank + 1) return false;
        for (var axis = higher.Shape.Rank - 1; axis >= 0; axis--)
        {
            if (!higher.Shape[axis].Equals(Dim.One)
                || !higher.Shape.Sizes.Where((_, n) => n != axis).Zip(lower.Shape.Sizes, i.Equal).All(same => same))
            {
                continue;
            }
            i.Offer(EditKind.Append, $".Squeeze({axis})", i.Place(higherName));
            return i.Offer(EditKind.Append, $".Unsqueeze({axis})", i.Place(lowerName));
        }
        return false;
    }

    /// <summary><c>.Reshape("B*T")</c>, which brings the one shape to the other by joining neighbours; null where it does not.</summary>
    public static string? Joined(Inference i, Shape lower, Shape higher)
        => lower.Rank > 0
            && lower.Rank < higher.Rank
            && !higher.Sizes.Any(size => size.Equals(Dim.One))
            && i.Equal(lower.Elements, higher.Elements)
            && Regrouping.JoinsWholeAxes(higher.Sizes, lower.Sizes.ToList())
            ? $".Reshape(\"{string.Join(", ", lower.Sizes.Select(size => size.ToString().Replace('·', '*')))}\")"
            : null;

    public static string Kind(Value target) => Kind(target.Shape.Element);

    public static string Kind(ElementType element) => element switch
    {
        ElementType.Int64 => "whole numbers (Int64)",
        ElementType.Bool => "truth values (Bool)",
        _ => "real numbers",
    };
}
