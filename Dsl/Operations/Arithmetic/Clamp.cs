using Hybrid.Graphs;
using Hybrid.Onnx;
using Hybrid.Programs;
using Hybrid.Rules;

namespace Hybrid
{
    public static partial class Operations
    {
        /// <summary>Each element held to [min, max].</summary>
        /// <param name="x">Any shape.</param>
        /// <param name="min">Least value; none when not given.</param>
        /// <param name="max">Greatest value; none when not given.</param>
        public static Sym Clamp(this Sym x, double? min = null, double? max = null) => Sym.Apply("Clamp", x, min, max);
    }
}

namespace Hybrid.Rules
{
    internal sealed class ClampRule : UnaryRule
    {
        protected override bool Check(Inference i)
        {
            if (!i.IsGiven("min") && !i.IsGiven("max")) return i.Error("HYB4004", $"{i.Subject} needs min, max or both.", "min");
            return !i.IsGiven("min") || !i.IsGiven("max") || !(i.Real("min") > i.Real("max"))
                || i.Error("HYB1026", $"{i.Subject}: min {i.Argument("min")} is above max {i.Argument("max")}. Swap them.", "min");
        }

        public override void Infer(Inference i)
        {
            var x = i.Shape();
            if (Check(i)) i.Output(x with { Domain = Image(i, x.Domain), Element = ElementType.Real });
        }

        /// <summary>What the bounds guarantee, or what was known before where they keep it.</summary>
        private static Domain Image(Inference i, Domain of)
        {
            var min = i.IsGiven("min") ? i.Real("min") : double.NegativeInfinity;
            var max = i.IsGiven("max") ? i.Real("max") : double.PositiveInfinity;
            if (of is Domain.Probability or Domain.Distribution && max >= 0 && min <= 1) return Domain.Probability;
            if (min > 0 || (of == Domain.Positive && max > 0)) return Domain.Positive;
            if (min >= 0 && max <= 1) return Domain.Probability;
            return min >= 0 || (of == Domain.NonNegative && max >= 0) ? Domain.NonNegative : Domain.Any;
        }

        protected override ElementType? Of(Inference i, ElementType element) => ElementType.Real;

        public override string Functional(NodeCode c)
        {
            var bounds = new System.Collections.Generic.List<string>();
            if (c.IsGiven("min")) bounds.Add($"min: (global::TorchSharp.Scalar)({c.Number("min")})");
            if (c.IsGiven("max")) bounds.Add($"max: (global::TorchSharp.Scalar)({c.Number("max")})");
            return $"{c.In()}.clamp({string.Join(", ", bounds)})";
        }

        /// <summary>1 where the bounds, their ends included, let x through, as in libtorch's backward.</summary>
        protected override string Slope(TangentCode c)
        {
            var above = c.IsGiven("min") ? $"{c.In()}.ge({c.Number("min")})" : null;
            var below = c.IsGiven("max") ? $"{c.In()}.le({c.Number("max")})" : null;
            var inside = above is null ? below : below is null ? above : $"{above}.logical_and({below})";
            return $"{inside}.to({c.In()}.dtype)";
        }

        internal override string? Onnx(OnnxCode c)
        {
            System.Collections.Generic.List<string> inputs = [c.X, c.IsGiven("min") ? c.Builder.Single(c.Real("min")) : ""];
            if (c.IsGiven("max")) inputs.Add(c.Builder.Single(c.Real("max")));
            return c.Add("Clip", inputs);
        }
    }
}
