using Hybrid.Graphs;
using Hybrid.Onnx;
using Hybrid.Programs;
using Hybrid.Rules;

namespace Hybrid
{
    public static partial class Operations
    {
        /// <summary>ln(1 + e^(βx))/β of each element, &gt; 0; x itself where βx &gt; 20, as in PyTorch.</summary>
        /// <param name="x">Any shape.</param>
        /// <param name="beta">Default 1.</param>
        public static Sym Softplus(this Sym x, double beta = 1) => Sym.Apply("Softplus", x, beta);
    }
}

namespace Hybrid.Rules
{
    internal sealed class SoftplusRule : UnaryRule
    {
        protected override Domain Image(Domain of) => Domain.Positive;

        protected override bool Check(Inference i)
            => i.Within("beta", beta => beta > 0, "{0} > 0", "above 0");

        public override string Functional(NodeCode c) => $"functional.softplus({c.In()}, {c.Number("beta")}, 20)";

        protected override string Slope(TangentCode c) => $"({c.In()} * {c.Number("beta")}).sigmoid()";

        internal override string? Onnx(OnnxCode c)
        {
            var beta = c.Real("beta");
            if (beta == 1) return c.Add("Softplus", [c.X]);
            return c.Divide(c.Add("Softplus", [c.Multiply(c.X, c.Builder.Single(beta))]), c.Builder.Single(beta));
        }
    }
}
