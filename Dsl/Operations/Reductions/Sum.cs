using Hybrid.Graphs;
using Hybrid.Onnx;
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
    internal sealed class SumRule : ReductionRule
    {
        public override bool Takes(Inference inference, string parameter, ElementType element) => true;

        // Truth values are counted.
        protected override ElementType ElementOf(ElementType element) => element == ElementType.Bool ? ElementType.Int64 : element;

        public override string Functional(NodeCode c)
            => c.IsGiven("axes") || c.Flag("keep") ? Whole(c, Call(c, c.In(), "sum")) : $"{c.In()}.sum()";

        // A scalar is its own sum, but a truth value is a number then.
        private static string Whole(NodeCode c, string sum)
            => c.Shape() is { Rank: 0, Element: ElementType.Bool } ? $"{sum}.to(torch.ScalarType.Int64)" : sum;

        public override string? Ensemble(EnsembleCode c) => Whole(c, Call(c, c.In(), "sum"));

        public override bool Tangent(TangentCode c) => c.Set(Call(c, c.TangentOf()!, "sum"));

        internal override string? Onnx(OnnxCode c) => c.Shape().Rank == 0 ? c.X : c.Sum(c.X, c.Flag("keep"), c.Axes("axes"));
    }
}
