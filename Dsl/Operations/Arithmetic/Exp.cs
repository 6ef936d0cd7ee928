using Hybrid.Graphs;
using Hybrid.Onnx;
using Hybrid.Programs;
using Hybrid.Rules;

namespace Hybrid
{
    public static partial class Operations
    {
        /// <summary>eˣ of each element.</summary>
        public static Sym Exp(this Sym x) => Sym.Apply("Exp", x);
    }
}

namespace Hybrid.Rules
{
    internal sealed class ExpRule : UnaryRule
    {
        protected override Domain Image(Domain of) => Domain.Positive;

        protected override ElementType? Of(Inference i, ElementType element) => ElementType.Real;

        public override string Functional(NodeCode c) => $"{c.In()}.exp()";

        protected override string Slope(TangentCode c) => $"{c.Out}";

        internal override string? Onnx(OnnxCode c) => c.Add("Exp", [c.X]);
    }
}
