using Hybrid.Graphs;
using Hybrid.Onnx;
using Hybrid.Programs;
using Hybrid.Rules;

namespace Hybrid
{
    public static partial class Operations
    {
        /// <summary>Sum over the elements of some axes, or all, where a mask is true; 0 where it is nowhere.</summary>
        /// <param name="x">Any shape.</param>
        /// <param name="mask">An input marked [Bool], which repeats over x.</param>
        /// <param name="axes">Default: all.</param>
        /// <param name="keep">Whether a reduced axis stays, with size 1.</param>
        public static Sym MaskedSum(this Sym x, Sym mask, Axes axes = default, bool keep = false)
            => Sym.Apply("MaskedSum", x, mask, axes, keep);
    }
}

namespace Hybrid.Rules
{
    internal sealed class MaskedSumRule : MaskedRule
    {
        protected override Domain Image(Domain of) => of == Domain.Any ? Domain.Any : Domain.NonNegative;

        // Truth values are counted.
        protected override ElementType ElementOf(ElementType element) => element == ElementType.Bool ? ElementType.Int64 : element;

        public override string Functional(NodeCode c)
            => c.Shape() is { Rank: 0, Element: ElementType.Bool } ? $"{Sum(c, c.In())}.to(torch.ScalarType.Int64)" : Sum(c, c.In());

        public override bool Tangent(TangentCode c) => c.TangentOf() is { } dx ? c.Set(Sum(c, dx)) : c.SetNone();

        internal override string? Onnx(OnnxCode c) => OnnxSum(c);
    }
}
