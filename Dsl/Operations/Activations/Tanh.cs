using Hybrid.Graphs;
using Hybrid.Onnx;
using Hybrid.Programs;
using Hybrid.Rules;

namespace Hybrid
{
    public static partial class Operations
    {
        /// <summary>tanh x of each element.</summary>
        public static Sym Tanh(this Sym x) => Sym.Apply("Tanh", x);
    }
}

namespace Hybrid.Rules
{
    internal sealed class TanhRule : UnaryRule
    {
        protected override ElementType? Of(Inference i, ElementType element) => ElementType.Real;

        public override string Functional(NodeCode c) => $"functional.tanh({c.In()})";

        protected override string Slope(TangentCode c) => $"1 - {c.Out}.square()";

        internal override string? Onnx(OnnxCode c) => c.Add("Tanh", [c.X]);
    }
}
