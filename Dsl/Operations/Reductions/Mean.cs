using Hybrid.Graphs;
using Hybrid.Onnx;
using Hybrid.Programs;
using Hybrid.Rules;

namespace Hybrid
{
    public static partial class Operations
    {
        /// <summary>Mean over some axes, or all.</summary>
        /// <param name="x">Any shape.</param>
        /// <param name="axes">Default: all.</param>
        /// <param name="keep">Whether a reduced axis stays with size 1.</param>
        public static Sym Mean(this Sym x, Axes axes = default, bool keep = false) => Sym.Apply("Mean", x, axes, keep);
    }
}

namespace Hybrid.Rules
{
    internal sealed class MeanRule : ReductionRule
    {
        protected override Domain Image(Domain of) => of == Domain.Distribution ? Domain.Probability : of;

        public override string Functional(NodeCode c) => c.IsGiven("axes") || c.Flag("keep") ? Call(c, c.In(), "mean") : $"{c.In()}.mean()";

        public override string? Ensemble(EnsembleCode c) => Call(c, c.In(), "mean");

        public override bool Tangent(TangentCode c) => c.Set(Call(c, c.TangentOf()!, "mean"));

        internal override string? Onnx(OnnxCode c) => c.Shape().Rank == 0 ? c.X : c.Mean(c.X, c.Flag("keep"), c.Axes("axes"));
    }
}
