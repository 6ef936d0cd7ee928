using Hybrid.Graphs;
using Hybrid.Onnx;
using Hybrid.Programs;
using Hybrid.Rules;

namespace Hybrid
{
    public static partial class Operations
    {
        /// <summary>√x of each element; x ≥ 0.</summary>
        public static Sym Sqrt(this Sym x) => Sym.Apply("Sqrt", x);
    }
}

namespace Hybrid.Rules
{
    internal sealed class SqrtRule : UnaryRule
    {
        protected override bool Check(Inference i) => i.RequireNoRawHead("√");

        protected override Domain Image(Domain of) => of == Domain.Positive ? of : Domain.NonNegative;

        protected override ElementType? Of(Inference i, ElementType element) => ElementType.Real;

        public override string Functional(NodeCode c) => $"{c.In()}.sqrt()";

        protected override string Slope(TangentCode c) => $"0.5 / {c.Out}";

        internal override string? Onnx(OnnxCode c) => c.Add("Sqrt", [c.X]);
    }
}
