using Hybrid.Graphs;
using Hybrid.Onnx;
using Hybrid.Programs;
using Hybrid.Rules;

namespace Hybrid
{
    public static partial class Operations
    {
        /// <summary>cos x of each element, x in radians.</summary>
        public static Sym Cos(this Sym x) => Sym.Apply("Cos", x);
    }
}

namespace Hybrid.Rules
{
    internal sealed class CosRule : UnaryRule
    {
        protected override ElementType? Of(Inference i, ElementType element) => ElementType.Real;

        public override string Functional(NodeCode c) => $"{c.In()}.cos()";

        protected override string Slope(TangentCode c) => $"-{c.In()}.sin()";

        internal override string? Onnx(OnnxCode c) => c.Add("Cos", [c.X]);
    }
}
