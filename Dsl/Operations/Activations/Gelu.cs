using Hybrid.Graphs;
using Hybrid.Onnx;
using Hybrid.Programs;
using Hybrid.Rules;

namespace Hybrid
{
    public static partial class Operations
    {
        /// <summary>x·Φ(x) of each element, Φ the normal distribution function. Hendrycks and Gimpel 2016.</summary>
        public static Sym Gelu(this Sym x) => Sym.Apply("Gelu", x);
    }
}

namespace Hybrid.Rules
{
    internal sealed class GeluRule : UnaryRule
    {
        public override string Functional(NodeCode c) => $"functional.gelu({c.In()})";

        /// <summary>Φ(x) + x φ(x); 1/√2 and 1/√(2π).</summary>
        protected override string Slope(TangentCode c)
            => $"(0.5 * (1 + ({c.In()} * 0.70710678118654757).erf())) + ({c.In()} * (-0.5 * {c.In()}.square()).exp() * 0.3989422804014327)";

        /// <summary>x/2 (1 + erf(x/√2)); an operator of its own comes with set 20.</summary>
        internal override string? Onnx(OnnxCode c)
        {
            var half = c.Multiply(c.X, c.Builder.Single(0.5));
            var erf = c.Add("Erf", [c.Multiply(c.X, c.Builder.Single(System.Math.Sqrt(0.5)))]);
            return c.Multiply(half, c.Add(erf, c.Builder.Single(1)));
        }
    }
}
