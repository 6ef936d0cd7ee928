using Hybrid.Graphs;
using Hybrid.Onnx;
using Hybrid.Programs;
using Hybrid.Rules;

namespace Hybrid
{
    public static partial class Operations
    {
        /// <summary>sin x of each element, x in radians.</summary>
        public static Sym Sin(this Sym x) => Sym.Apply("Sin", x);
    }
}

namespace Hybrid.Rules
{
    internal sealed class SinRule : UnaryRule
    {
        protected override ElementType? Of(Inference i, ElementType element) => ElementType.Real;

        public override string Functional(NodeCode c) => $"{c.In()}.sin()";

        protected override string Slope(TangentCode c) => $"{c.In()}.cos()";

        internal override string? Onnx(OnnxCode c) => c.Add("Sin", [c.X]);
    }
}
