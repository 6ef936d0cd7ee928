using Hybrid.Graphs;
using Hybrid.Onnx;
using Hybrid.Programs;
using Hybrid.Rules;

namespace Hybrid
{
    public static partial class Operations
    {
        /// <summary>Sum of the diagonal of each matrix: (…, N, N) → (…).</summary>
        public static Sym Trace(this Sym x) => Sym.Apply("Trace", x);
    }
}

namespace Hybrid.Rules
{
    internal sealed class TraceRule : SquareMatrixRule
    {
        protected override bool GivesMatrix => false;

        public override bool Takes(Inference inference, string parameter, ElementType element) => true;

        protected override ElementType ElementOf(ElementType element) => element == ElementType.Bool ? ElementType.Int64 : element;

        public override string Functional(NodeCode c) => Call(c.In());

        public override string? Ensemble(EnsembleCode c) => Functional(c);

        private static string Call(string x) => $"{x}.diagonal(0, -2, -1).sum(-1)";

        public override bool Tangent(TangentCode c) => c.Set(Call(c.TangentOf()!));

        internal override string? Onnx(OnnxCode c)
        {
            var diagonal = c.Multiply(c.As(ElementType.Real, c.In("x"), c.Shape().Element), OnnxIdentity(c, 1));
            return c.As(c.Result().Element, c.Sum(diagonal, keep: false, -2, -1), ElementType.Real);
        }
    }
}
