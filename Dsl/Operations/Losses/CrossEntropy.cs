using System.Linq;
using Hybrid.Algebra;
using Hybrid.Graphs;
using Hybrid.Onnx;
using Hybrid.Programs;
using Hybrid.Rules;

namespace Hybrid
{
    public static partial class Operations
    {
        /// <summary>Mean cross-entropy of logits: −ln softmax(x)[target], or −Σ t ln softmax(x) for probabilities.</summary>
        /// <param name="logits">(B, C, …): classes on axis 1.</param>
        /// <param name="target">(B, …) class indices, marked [Int64], or (B, C, …) probabilities.</param>
        public static Sym CrossEntropy(this Sym logits, Sym target) => Sym.Apply("CrossEntropy", logits, target);
    }
}

namespace Hybrid.Rules
{
    internal sealed class CrossEntropyRule : Rule
    {
        public override bool Takes(Inference inference, string parameter, ElementType element) => parameter != "logits";

        public override void Infer(Inference i)
        {
            var (x, target) = (i.Value("logits"), i.Value("target"));
            if (x.Shape.Rank < 2)
            {
                i.Error(
                    "HYB1004",
                    $"{i.Subject} needs rank 2 or more [B,C,…]; {i.Describe(x)} gives rank {x.Shape.Rank} {x.Shape}. Classes are on axis "
                        + "1.",
                    "logits", x);
                return;
            }
            var indices = new Shape(x.Shape.Axes.Where((_, axis) => axis != 1).ToEquatable());
            if (target.Shape.Element == ElementType.Bool || (target.Shape.Element == ElementType.Real && target.Shape.Rank != x.Shape.Rank))
            {
                i.Error(
                    "HYB3002",
                    $"{i.Subject}: {i.Describe(target)} holds {LossTargets.Kind(target)}; class indices {indices} need Int64 (mark the "
                        + $"input [Int64]), probabilities need {x.Shape}.",
                    "target", x, target);
                if (i.Producer(target) is null && target.Shape.Element == ElementType.Real)
                    i.Offer(EditKind.Attribute, "Int64", target.Origin);
                return;
            }
            if (target.Shape.Element == ElementType.Int64 && x.Shape.Rank > 2 && target.Shape.Rank == x.Shape.Rank - 1
                && !indices.Sizes.Zip(target.Shape.Sizes, i.Equal).All(same => same)
                    && x.Shape.Sizes.Zip(target.Shape.Sizes, i.Equal).All(same => same))
            {
                i.Error(
                    "HYB3001",
                    $"{i.Subject} needs classes on axis 1 of the logits; {i.Describe(x)} {x.Shape} has them last, as target "
                        + $"{target.Shape} shows. Insert .ToChannelsFirst().",
                    "logits", x, target);
                i.Offer(EditKind.Append, ".ToChannelsFirst()");
                return;
            }
            var expected = target.Shape.Element == ElementType.Int64 ? indices : x.Shape;
            for (var axis = 0; axis < expected.Rank || target.Shape.Rank != expected.Rank; axis++)
            {
                if (target.Shape.Rank == expected.Rank && i.Demand(expected[axis], target.Shape[axis], "target", out _)) continue;
                var what = target.Shape.Element == ElementType.Int64 ? "class indices" : "probabilities";
                var joined = LossTargets.Joined(i, expected, target.Shape);
                var squeeze = joined is not null ? $"Use {joined} on the target." : target.Shape.Rank == expected.Rank + 1
                    && target.Shape[1].Equals(Dim.One)
                    ? "Squeeze(1)."
                    : "Give the target that shape.";
                i.Error(
                    "HYB3001",
                    $"{i.Subject} needs target {expected} ({what}) for logits {x.Shape}; got {target.Shape}. {squeeze}",
                    "target", x, target);
                if (joined is not null) i.Offer(EditKind.Append, joined);
                if (squeeze == "Squeeze(1).") i.Offer(EditKind.Append, ".Squeeze(1)");
                return;
            }
            i.WarnOfSingleClass(x);
            if (x.Shape.Domain is Domain.Distribution or Domain.Probability)
            {
                i.Warn(
                    "HYB3003",
                    $"{i.Subject} applies log-softmax itself; {i.Describe(x)} holds probabilities already. Feed the logits.",
                    "logits", x);
                i.Offer(EditKind.Unwrap, "");
            }
            i.Output(new Shape(EquatableArray<Axis>.Empty, ElementType.Real, Domain.NonNegative));
        }

        public override string Functional(NodeCode c) => $"functional.cross_entropy({c.In("logits")}, {c.In("target")})";

        /// <summary>Members are further examples of one batch; each example's loss, averaged over those of each member.</summary>
        public override string? Ensemble(EnsembleCode c)
            => $"functional.cross_entropy({c.In("logits")}.flatten(0, 1), {c.In("target")}.flatten(0, 1), reduction: "
                + $"nn.Reduction.None).reshape({NodeCode.Longs(c.Members, "-1")}).mean(new long[] {{ 1 }})";

        /// <summary>d ln softmax(x) = dx − Σ softmax(x) dx, picked or weighted by the target.</summary>
        public override bool Tangent(TangentCode c)
        {
            var (x, t, rank) = (c.In("logits"), c.In("target"), c.Shape("logits").Rank);
            var weighted = c.Shape("target").Element == ElementType.Real;
            string? moved = null;
            if (c.TangentOf("logits") is { } dx)
            {
                var shape = ProgramFile.Round(c.Shape("logits"));
                var change = c.Local("change", $"{dx} - ({x}.softmax(1) * {dx}).sum(2, keepdim: true)", $"(K, {shape.Substring(1)}");
                moved = weighted
                    ? $"({t} * {change}).sum(2)"
                    : $"{change}.gather(2, "
                        + $"{t}.unsqueeze(1).unsqueeze(0).expand({NodeCode.Longs(Enumerable.Repeat("-1", rank).Prepend($"{dx}.shape[0]"))})).squeeze(2)";
            }
            var targets = weighted && c.TangentOf("target") is { } dt ? $"({x}.log_softmax(1) * {dt}).sum(2)" : null;
            var sum = moved is not null && targets is not null ? $"{moved} + {targets}" : (moved ?? targets)!;
            return c.Set($"-({sum}).flatten(1).mean(new long[] {{ 1 }})");
        }

        /// <summary>Exponential, sum, logarithm and the target's product of each logit.</summary>
        public override Dim Flops(NodeCode c) => 5 * c.Shape("logits").Elements;

        internal override string? Onnx(OnnxCode c)
        {
            var logarithms = c.Add("LogSoftmax", [c.InReal("logits")], ("axis", 1L));
            var chosen = c.Shape("target").Element == ElementType.Int64
                ? c.Add("GatherElements", [logarithms, c.Unsqueeze(c.In("target"), 1)], ("axis", 1L))
                : c.Sum(c.Multiply(c.InReal("target"), logarithms), keep: true, 1);
            return c.Add("Neg", [LossRule.OnnxMean(c, chosen, c.Shape("logits").Rank)]);
        }
    }
}
