using Hybrid.Graphs;
using Hybrid.Onnx;
using Hybrid.Programs;
using Hybrid.Rules;

namespace Hybrid
{
    public static partial class Operations
    {
        /// <summary>|x| of each element.</summary>
        public static Sym Abs(this Sym x) => Sym.Apply("Abs", x);
    }
}

namespace Hybrid.Rules
{
    internal sealed class AbsRule : UnaryRule
    {
        protected override bool Check(Inference i) => i.RequireWholeDifference(i.Value());

        protected override Domain Image(Domain of) => of == Domain.Positive ? of : Domain.NonNegative;

        protected override ElementType? Of(Inference i, ElementType element) => element == ElementType.Int64 ? element : null;

        public override string Functional(NodeCode c) => $"{c.In()}.abs()";

        protected override string Slope(TangentCode c) => $"{c.In()}.sign()";

        internal override string? Onnx(OnnxCode c) => c.Add("Abs", [c.X]);
    }
}
