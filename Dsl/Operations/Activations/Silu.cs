using Hybrid.Graphs;
using Hybrid.Onnx;
using Hybrid.Programs;
using Hybrid.Rules;

namespace Hybrid
{
    public static partial class Operations
    {
        /// <summary>x·σ(x) of each element. Elfwing et al. 2018.</summary>
        public static Sym Silu(this Sym x) => Sym.Apply("Silu", x);
    }
}

namespace Hybrid.Rules
{
    internal sealed class SiluRule : UnaryRule
    {
        public override string Functional(NodeCode c) => $"functional.silu({c.In()})";

        protected override string Slope(TangentCode c) => $"{c.In()}.sigmoid() * (1 + ({c.In()} * (1 - {c.In()}.sigmoid())))";

        internal override string? Onnx(OnnxCode c) => c.Multiply(c.X, c.Add("Sigmoid", [c.X]));
    }
}
