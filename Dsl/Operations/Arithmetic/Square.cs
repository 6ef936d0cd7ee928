using Hybrid.Graphs;
using Hybrid.Onnx;
using Hybrid.Programs;
using Hybrid.Rules;

namespace Hybrid
{
    public static partial class Operations
    {
        /// <summary>x² of each element.</summary>
        public static Sym Square(this Sym x) => Sym.Apply("Square", x);
    }
}

namespace Hybrid.Rules
{
    internal sealed class SquareRule : UnaryRule
    {
        protected override bool Check(Inference i) => i.RequireWholeDifference(i.Value());

        protected override Domain Image(Domain of) => of == Domain.Positive ? of : Domain.NonNegative;

        protected override ElementType? Of(Inference i, ElementType element) => ElementType.Int64;

        public override string Functional(NodeCode c) => $"{c.In()}.square()";

        protected override string Slope(TangentCode c) => $"2 * {c.In()}";

        internal override string? Onnx(OnnxCode c) => c.Multiply(c.X, c.X);
    }
}
