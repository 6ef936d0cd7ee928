using System.Collections.Generic;
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
        /// <param name="weight">(C) of each class, real numbers; the mean of class indices is then divided by the weights of the targets.
        /// No derivative passes through it.</param>
        /// <param name="ignoreIndex">A target that counts for nothing, such as 255 of unlabelled pixels or −100.</param>
        /// <param name="smoothing">The part of each target that is spread over all classes, in [0, 1). Szegedy et al. 2016, section
        /// 7.</param>
        public static Sym CrossEntropy(
            this Sym logits,
            Sym target,
            Sym? weight = null,
            int? ignoreIndex = null,
            double smoothing = 0)
            => Sym.Apply("CrossEntropy", logits, target, weight, ignoreIndex, smoothing);
    }
}

namespace Hybrid.Rules
{
    internal sealed class CrossEntropyRule : Rule
    {
        public override bool Takes(Inference inference, string parameter, ElementType element) => parameter != "logits";

        public override bool Differentiates(string parameter) => parameter != "weight";

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
            i.WarnOfSimilarities(x, "logits");
            i.WarnOfLogarithmsTwice(x, "logits");
            if (target.Shape.Element == ElementType.Int64)
                i.WarnOfIndicesBeyond(target, x.Shape[1], $"{i.Describe(x)} {x.Shape} has {x.Shape[1]} classes", "target");
            if (!CheckOptions(i, x, target)) return;
            if (Logarithms(i, target) is { } logarithms)
            {
                i.Error(
                    "HYB3004",
                    $"{i.Subject}: targets are probabilities; {i.Describe(target)} {target.Shape} holds logarithms of them. Use .Softmax() "
                        + "in place of .LogSoftmax().",
                    "target", target);
                i.Offer(EditKind.Rename, "Softmax", logarithms);
                return;
            }
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

        /// <summary>The LogSoftmax that gave a target, views aside; null where none did.</summary>
        private static Origin? Logarithms(Inference i, Value target)
        {
            while (i.Producer(target) is { } node)
            {
                if (node.Operation == "LogSoftmax") return node.Origin;
                if (!RuleTable.Get(node.Operation).IsView || node.Inputs.Count(input => input >= 0) != 1) return null;
                target = i.Builder.ValueOf(node.Inputs[0]);
            }
            return null;
        }

        private static bool CheckOptions(Inference i, Value x, Value target)
        {
            if (!i.WithinUnit("smoothing")) return false;
            if (i.IsGiven("ignoreIndex") && target.Shape.Element == ElementType.Real)
            {
                return i.Error(
                    "HYB3002",
                    $"{i.Subject}: ignoreIndex is a class index, {i.Describe(target)} holds probabilities. Give class indices marked "
                        + "[Int64], or leave ignoreIndex out.",
                    "ignoreIndex", target);
            }
            if (i.Optional("weight") is not { } weight) return true;
            if (weight.Shape.Element != ElementType.Real)
                return i.RefuseElements(ElementType.Real, weight, $"weights are real numbers, {i.Describe(weight)} holds others", "weight");
            if (weight.Shape.Rank == 1 && i.Demand(x.Shape[1], weight.Shape[0], "weight", out _)) return true;
            return i.Error(
                "HYB3001",
                $"{i.Subject} needs a weight for each of the {x.Shape[1]} classes of {i.Describe(x)} {x.Shape}; {i.Describe(weight)} is "
                    + $"{weight.Shape}. Give it the shape [{x.Shape[1]}].",
                "weight", weight, x);
        }

        private static bool HasOptions(NodeCode c) => c.Has("weight") || c.IsGiven("ignoreIndex") || c.Real("smoothing") != 0;

        public override string Functional(NodeCode c)
        {
            var options = c.Has("weight") ? $", weight: {c.In("weight")}.detach()" : "";
            if (c.IsGiven("ignoreIndex")) options += $", ignore_index: {c.Integer("ignoreIndex")}";
            if (c.Real("smoothing") != 0) options += $", label_smoothing: {c.Number("smoothing")}";
            return $"functional.cross_entropy({c.In("logits")}, {c.In("target")}{options})";
        }

        /// <summary>Members are further examples of one batch; each example's loss, averaged over those of each member.</summary>
        public override string? Ensemble(EnsembleCode c)
            => HasOptions(c) ? null
                : $"functional.cross_entropy({c.In("logits")}.flatten(0, 1), {c.In("target")}.flatten(0, 1), reduction: "
                + $"nn.Reduction.None).reshape({NodeCode.Longs(c.Members, "-1")}).mean(new long[] {{ 1 }})";

        /// <summary>d ln softmax(x) = dx − Σ softmax(x) dx, picked or weighted by the target.</summary>
        public override bool Tangent(TangentCode c)
        {
            var (x, t, rank) = (c.In("logits"), c.In("target"), c.Shape("logits").Rank);
            var weighted = c.Shape("target").Element == ElementType.Real;
            if (c.TangentOf("logits") is null && (!weighted || c.TangentOf("target") is null)) return c.SetNone();
            if (HasOptions(c))
            {
                string OrNull(string parameter) => c.Has(parameter) ? c.In(parameter) : "null";
                var ignored = c.IsGiven("ignoreIndex") ? $"{c.Integer("ignoreIndex")}" : "-100";
                var targetMoved = weighted ? c.TangentOf("target") ?? "null" : "null";
                return c.Set(
                    $"CrossEntropyTangent({x}, {c.TangentOf("logits") ?? "null"}, {t}, {targetMoved}, {OrNull("weight")}, {ignored}, "
                        + $"{c.Number("smoothing")})");
            }
            string? moved = null;
            if (c.TangentOf("logits") is { } dx)
            {
                var shape = ProgramFile.Round(c.Shape("logits"));
                var change = c.Local("change", $"{dx} - ({x}.softmax(1) * {dx}).sum(2, keepdim: true)", $"(K, {shape.Substring(1)}");
                var sizes = NodeCode.Longs(Enumerable.Repeat("-1", rank).Prepend($"{dx}.shape[0]"));
                moved = weighted
                    ? $"({t} * {change}).sum(2)"
                    : $"{change}.gather(2, {t}.unsqueeze(1).unsqueeze(0).expand({sizes})).squeeze(2)";
            }
            var targets = weighted && c.TangentOf("target") is { } dt ? $"({x}.log_softmax(1) * {dt}).sum(2)" : null;
            var sum = moved is not null && targets is not null ? $"{moved} + {targets}" : (moved ?? targets)!;
            return c.Set($"-({sum}).flatten(1).mean(new long[] {{ 1 }})");
        }

        public override IEnumerable<SupportMethod> Support(NodeCode c)
        {
            if (!HasOptions(c)) yield break;
            yield return new SupportMethod(Variant.Tangent, """
                /// <summary>The tangent (K) of a cross-entropy with weights of classes, a target that is ignored, and smoothing.</summary>
                private static Tensor CrossEntropyTangent(
                    Tensor logits, Tensor? moved, Tensor target, Tensor? targetMoved, Tensor? weight, long ignored, double smoothing)
                {
                    var broadcast = new long[logits.dim()]; // (1, C, 1, …)
                    Array.Fill(broadcast, 1L);
                    broadcast[1] = -1;
                    var weights = weight?.detach() ?? torch.ones(logits.shape[1], dtype: logits.dtype, device: logits.device);
                    weights = weights.view(broadcast);
                    var change = moved is null ? null : moved - (logits.softmax(1) * moved).sum(2, keepdim: true); // (K, B, C, …)
                    if (target.is_floating_point())
                    {
                        // −Σ w t′ ln p, t′ = t (1 − ε) + ε/C, over the examples.
                        var smooth = (target * (1 - smoothing)) + (smoothing / logits.shape[1]);
                        Tensor? part = change is null ? null : (weights * smooth * change).sum(2);
                        if (targetMoved is not null)
                        {
                            var other = (weights * logits.log_softmax(1) * targetMoved).sum(2) * (1 - smoothing);
                            part = part is null ? other : part + other;
                        }
                        return -part!.flatten(1).mean(new long[] { 1 });
                    }
                    var isCounted = target.ne(ignored); // (B, …)
                    var own = target.masked_fill(isCounted.logical_not(), 0).unsqueeze(1);
                    var ownWeights = weights.expand(logits.shape).gather(1, own).squeeze(1) * isCounted.to(logits.dtype);
                    var sizes = change!.shape;
                    sizes[2] = 1;
                    var picked = change.gather(2, own.unsqueeze(0).expand(sizes)).squeeze(2) * ownWeights * (1 - smoothing);
                    var spread = (weights * change).sum(2) * isCounted.to(logits.dtype) * (smoothing / logits.shape[1]);
                    return -(picked + spread).flatten(1).sum(1) / ownWeights.sum();
                }
                """);
        }

        /// <summary>Exponential, sum, logarithm and the target's product of each logit.</summary>
        public override Dim Flops(NodeCode c) => 5 * c.Shape("logits").Elements;

        internal override string? Onnx(OnnxCode c)
        {
            var logarithms = c.Add("LogSoftmax", [c.InReal("logits")], ("axis", 1L));
            if (HasOptions(c)) return OnnxWithOptions(c, logarithms);
            var chosen = c.Shape("target").Element == ElementType.Int64
                ? c.Add("GatherElements", [logarithms, c.Unsqueeze(c.In("target"), 1)], ("axis", 1L))
                : c.Sum(c.Multiply(c.InReal("target"), logarithms), keep: true, 1);
            return c.Add("Neg", [LossRule.OnnxMean(c, chosen, c.Shape("logits").Rank)]);
        }

        /// <summary>The sum of the examples' losses over the sum of their weights, or over their number.</summary>
        private static string OnnxWithOptions(OnnxCode c, string logarithms)
        {
            var (smoothing, rank) = (c.Real("smoothing"), c.Shape("logits").Rank);
            var classes = c.As(ElementType.Real, c.Sizes.Scalar(c.Shape("logits")[1]), ElementType.Int64);
            var weights = c.Has("weight")
                ? c.Reshape(c.InReal("weight"), [1, -1, .. Enumerable.Repeat(1L, rank - 2)])
                : c.Builder.Single(1);
            var spread = c.Divide(c.Builder.Single(smoothing), classes);
            var all = Enumerable.Range(0, rank).Select(axis => (long)axis).ToArray();
            if (c.Shape("target").Element != ElementType.Int64)
            {
                var smooth = c.Add(c.Multiply(c.InReal("target"), c.Builder.Single(1 - smoothing)), spread);
                var each = c.Sum(c.Multiply(c.Multiply(weights, smooth), logarithms), keep: true, 1);
                return c.Add("Neg", [LossRule.OnnxMean(c, each, rank)]);
            }
            var own = c.Unsqueeze(c.In("target"), 1);
            var isIgnored = c.Add("Equal", [own, c.Builder.Integer(c.IsGiven("ignoreIndex") ? c.Integer("ignoreIndex") : -100)]);
            own = c.Add("Where", [isIgnored, c.Builder.Integer(0), own]);
            // The weights of all classes at each place, so that one is picked as the logarithms are.
            var everywhere = c.Add(c.Multiply(logarithms, c.Builder.Single(0)), weights);
            var ownWeights = c.Add("GatherElements", [everywhere, own], ("axis", 1L));
            ownWeights = c.Add("Where", [isIgnored, c.Builder.Single(0), ownWeights]);
            var picked = c.Multiply(c.Add("GatherElements", [logarithms, own], ("axis", 1L)), ownWeights);
            var shared = c.Sum(c.Multiply(weights, logarithms), keep: true, 1);
            shared = c.Multiply(c.Add("Where", [isIgnored, c.Builder.Single(0), shared]), spread);
            var sum = c.Sum(c.Add(c.Multiply(picked, c.Builder.Single(1 - smoothing)), shared), keep: false, all);
            return c.Divide(c.Add("Neg", [sum]), c.Sum(ownWeights, keep: false, all));
        }
    }
}
