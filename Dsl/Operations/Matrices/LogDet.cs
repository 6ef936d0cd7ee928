using Hybrid.Graphs;
using Hybrid.Onnx;
using Hybrid.Programs;
using Hybrid.Rules;

namespace Hybrid
{
    public static partial class Operations
    {
        /// <summary>ln |det A| of each matrix: (…, N, N) → (…).</summary>
        public static Sym LogDet(this Sym x) => Sym.Apply("LogDet", x);
    }
}

namespace Hybrid.Rules
{
    internal sealed class LogDetRule : SquareMatrixRule
    {
        protected override bool GivesMatrix => false;

        public override string Functional(NodeCode c) => $"torch.linalg.slogdet({c.In()}).Item2";

        public override string? Ensemble(EnsembleCode c) => Functional(c);

        /// <summary>d ln|det A| = tr(A⁻¹ dA).</summary>
        public override bool Tangent(TangentCode c)
            => c.Set($"(torch.linalg.inv({c.In()}).transpose(-2, -1) * {c.TangentOf()}).sum(new long[] {{ -2, -1 }})");

        /// <summary>The sum over the pivots: a determinant overflows long before its logarithm does.</summary>
        internal override string? Onnx(OnnxCode c)
        {
            var (_, pivots) = Elimination.Of(c, c.X, Elimination.Rows(c));
            var all = pivots.Count == 1 ? pivots[0] : c.Add("Concat", pivots, ("axis", -1L));
            return c.Sum(c.Add("Log", [c.Add("Abs", [all])]), keep: false, -2, -1);
        }
    }
}
