using System;
using Hybrid.Graphs;
using Hybrid.Onnx;
using Hybrid.Programs;
using Hybrid.Rules;

namespace Hybrid
{
    public static partial class Operations
    {
        /// <summary>ψ(x) = Γ′(x)/Γ(x) of each element, the derivative of <see cref="LGamma"/>; undefined at 0, −1, −2, …</summary>
        public static Sym Digamma(this Sym x) => Sym.Apply("Digamma", x);
    }
}

namespace Hybrid.Rules
{
    internal sealed class DigammaRule : UnaryRule
    {
        protected override ElementType? Of(Inference i, ElementType element) => ElementType.Real;

        public override string Functional(NodeCode c) => $"{c.In()}.digamma()";

        protected override string Slope(TangentCode c) => $"{c.In()}.polygamma(1)";

        /// <summary>
        /// The asymptotic series at z = x + 6, and ψ(x) = ψ(z) − Σ 1/(x + k); below ½ by ψ(x) = ψ(1 − x) − π/tan πx. Abramowitz and Stegun
        /// 1964, 6.3.18, 6.3.6 and 6.3.7.
        /// </summary>
        internal override string? Onnx(OnnxCode c)
        {
            var isBelow = c.Add("Less", [c.X, c.Builder.Single(0.5)]);
            var x = c.Add("Where", [isBelow, c.Subtract(c.Builder.Single(1), c.X), c.X]);
            var z = c.Add(x, c.Builder.Single(6));
            var square = c.Multiply(z, z);
            // ln z − 1/(2 z) − 1/(12 z²) + 1/(120 z⁴) − 1/(252 z⁶)
            var series = c.Divide(c.Builder.Single(1d / 252), square);
            series = c.Divide(c.Subtract(c.Builder.Single(1d / 120), series), square);
            series = c.Divide(c.Subtract(series, c.Builder.Single(1d / 12)), square);
            var above = c.Subtract(c.Add(c.Add("Log", [z]), series), c.Divide(c.Builder.Single(0.5), z));
            for (var k = 0; k < 6; k++) above = c.Subtract(above, c.Divide(c.Builder.Single(1), c.Add(x, c.Builder.Single(k))));
            // tan πx of the distance to the nearest whole number, which float32 keeps where πx is large.
            var rest = c.Subtract(c.X, c.Add("Round", [c.X]));
            var reflected = c.Divide(c.Builder.Single(Math.PI), c.Add("Tan", [c.Multiply(rest, c.Builder.Single(Math.PI))]));
            return c.Add("Where", [isBelow, c.Subtract(above, reflected), above]);
        }
    }
}
