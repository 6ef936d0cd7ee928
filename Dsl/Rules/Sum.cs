using Hybrid.Programs;
using Hybrid.Rules;

namespace Hybrid
{
    public static partial class Operations
    {
        /// <summary>Sum over some axes, or all.</summary>
        /// <param name="x">Any shape.</param>
        /// <param name="axes">Default: all.</param>
        /// <param name="keep">Whether a reduced axis stays with size 1.</param>
        public static Sym Sum(this Sym x, Axes axes = default, bool keep = false) => Sym.Apply("Sum", x, axes, keep);
    }
}

namespace Hybrid.Rules
{
    internal sealed class SumRule() : ReductionRule("Sum")
    {
        public override string Functional(NodeCode c) => c.IsGiven("axes") || c.Flag("keep") ? Call(c, c.In(), "sum") : $"{c.In()}.sum()";

        public override string? Ensemble(EnsembleCode c) => Call(c, c.In(), "sum");

        public override bool Tangent(TangentCode c) => c.Set(Call(c, c.TangentOf()!, "sum"));
    }
}
