using Hybrid.Graphs;
using Hybrid.Onnx;
using Hybrid.Programs;
using Hybrid.Rules;

namespace Hybrid
{
    public static partial class Operations
    {
        /// <summary>max(x, 0) of each element.</summary>
        public static Sym Relu(this Sym x) => Sym.Apply("Relu", x);
    }
}

namespace Hybrid.Rules
{
    internal sealed class ReluRule : UnaryRule
    {
        protected override Domain Image(Domain of) => of == Domain.Any ? Domain.NonNegative : of;

        protected override ElementType? Of(Inference i, ElementType element) => element == ElementType.Int64 ? element : null;

        public override string Functional(NodeCode c) => c.MayOverwrite() ? $"{c.In()}.relu_()" : $"functional.relu({c.In()})";

        /// <summary>0 at 0, as in libtorch's backward.</summary>
        protected override string Slope(TangentCode c) => $"{c.In()}.gt(0).to({c.In()}.dtype)";

        internal override string? Onnx(OnnxCode c)
            => c.Result().Element == ElementType.Int64 ? c.Add("Max", [c.X, c.Builder.Integer(0)]) : c.Add("Relu", [c.X]);
    }
}
