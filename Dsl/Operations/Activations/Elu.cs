using Hybrid.Graphs;
using Hybrid.Onnx;
using Hybrid.Programs;
using Hybrid.Rules;

namespace Hybrid
{
    public static partial class Operations
    {
        /// <summary>x where x &gt; 0, α(eˣ − 1) elsewhere. Clevert et al. 2016.</summary>
        /// <param name="x">Any shape.</param>
        /// <param name="alpha">Default 1, as PyTorch's.</param>
        public static Sym Elu(this Sym x, double alpha = 1) => Sym.Apply("Elu", x, alpha);
    }
}

namespace Hybrid.Rules
{
    internal sealed class EluRule : UnaryRule
    {
        public override string Functional(NodeCode c) => $"functional.elu({c.In()}, {c.Number("alpha")})";

        /// <summary>α eˣ = y + α where x ≤ 0.</summary>
        protected override string Slope(TangentCode c)
            => $"torch.where({c.In()}.gt(0), torch.tensor(1d, {c.In()}.dtype, {c.In()}.device), {c.Out} + {c.Number("alpha")})";

        internal override string? Onnx(OnnxCode c) => c.Add("Elu", [c.X], ("alpha", (float)c.Real("alpha")));
    }
}
