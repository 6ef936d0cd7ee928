using Hybrid.Graphs;
using Hybrid.Onnx;
using Hybrid.Programs;
using Hybrid.Rules;

namespace Hybrid
{
    public static partial class Operations
    {
        /// <summary>−x of each element, as the sign − writes it.</summary>
        public static Sym Neg(this Sym x) => Sym.Apply("Neg", x);
    }
}

namespace Hybrid.Rules
{
    internal sealed class NegRule : UnaryRule
    {
        protected override ElementType? Of(Inference i, ElementType element) => element == ElementType.Int64 ? element : null;

        public override string Functional(NodeCode c) => $"-{c.In()}";

        public override bool Tangent(TangentCode c) => c.Set($"-{c.TangentOf()}");

        internal override string? Onnx(OnnxCode c) => c.Add("Neg", [c.X]);
    }
}
