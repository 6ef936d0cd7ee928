using Hybrid.Graphs;
using Hybrid.Onnx;
using Hybrid.Programs;
using Hybrid.Rules;

namespace Hybrid
{
    public static partial class Operations
    {
        /// <summary>Determinant of each matrix: (…, N, N) → (…).</summary>
        public static Sym Det(this Sym x) => Sym.Apply("Det", x);
    }
}

namespace Hybrid.Rules
{
    internal sealed class DetRule : SquareMatrixRule
    {
        protected override bool GivesMatrix => false;

        public override string Functional(NodeCode c) => $"torch.linalg.det({c.In()})";

        public override string? Ensemble(EnsembleCode c) => Functional(c);

        /// <summary>d det A = det A · tr(A⁻¹ dA).</summary>
        public override bool Tangent(TangentCode c)
            => c.Set($"{c.Out} * (torch.linalg.inv({c.In()}).transpose(-2, -1) * {c.TangentOf()}).sum(new long[] {{ -2, -1 }})");

        internal override string? Onnx(OnnxCode c) => c.Add("Det", [c.X]);
    }
}
