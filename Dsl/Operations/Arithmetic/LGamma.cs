using System;
using Hybrid.Graphs;
using Hybrid.Onnx;
using Hybrid.Programs;
using Hybrid.Rules;

namespace Hybrid
{
    public static partial class Operations
    {
        /// <summary>ln |Γ(x)| of each element; infinite at 0, −1, −2, …</summary>
        public static Sym LGamma(this Sym x) => Sym.Apply("LGamma", x);
    }
}

namespace Hybrid.Rules
{
    internal sealed class LGammaRule : UnaryRule
    {
        protected override ElementType? Of(Inference i, ElementType element) => ElementType.Real;

        public override string Functional(NodeCode c) => $"{c.In()}.lgamma()";

        protected override string Slope(TangentCode c) => $"{c.In()}.digamma()";

        /// <summary>
        /// Stirling's series at z = x + 8, and ln Γ(x) = ln Γ(z) − ln x(x + 1)…(x + 7); below ½ by Γ(x) Γ(1 − x) = π/sin πx. Abramowitz
        /// and Stegun 1964, 6.1.41, 6.1.15 and 6.1.17.
        /// </summary>
        internal override string? Onnx(OnnxCode c)
        {
            var isBelow = c.Add("Less", [c.X, c.Builder.Single(0.5)]);
            var x = c.Add("Where", [isBelow, c.Subtract(c.Builder.Single(1), c.X), c.X]);
            var z = c.Add(x, c.Builder.Single(8));
            var square = c.Multiply(z, z);
            // 1/(12 z) − 1/(360 z³) + 1/(1260 z⁵)
            var series = c.Divide(c.Builder.Single(1d / 1260), square);
            series = c.Divide(c.Subtract(series, c.Builder.Single(1d / 360)), square);
            series = c.Divide(c.Add(series, c.Builder.Single(1d / 12)), z);
            var stirling = c.Multiply(c.Subtract(z, c.Builder.Single(0.5)), c.Add("Log", [z]));
            var above = c.Add(c.Subtract(c.Add(stirling, c.Builder.Single(0.5 * Math.Log(2 * Math.PI))), z), series);
            for (var k = 0; k < 8; k += 2)
            {
                // Two factors a logarithm: all eight would overflow.
                var factors = c.Multiply(c.Add(x, c.Builder.Single(k)), c.Add(x, c.Builder.Single(k + 1)));
                above = c.Subtract(above, c.Add("Log", [factors]));
            }
            // ln |sin πx| of the distance to the nearest whole number, which float32 keeps where πx is large.
            var rest = c.Subtract(c.X, c.Add("Round", [c.X]));
            var sine = c.Add("Abs", [c.Add("Sin", [c.Multiply(rest, c.Builder.Single(Math.PI))])]);
            var reflected = c.Subtract(c.Subtract(c.Builder.Single(Math.Log(Math.PI)), c.Add("Log", [sine])), above);
            return c.Add("Where", [isBelow, reflected, above]);
        }
    }
}
