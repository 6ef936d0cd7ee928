using Hybrid.Graphs;
using Hybrid.Onnx;
using Hybrid.Programs;
using Hybrid.Rules;

namespace Hybrid
{
    public static partial class Operations
    {
        /// <summary>Mean over the elements of some axes, or all, where a mask is true; NaN where it is nowhere.</summary>
        /// <param name="x">Any shape.</param>
        /// <param name="mask">An input marked [Bool], which repeats over x.</param>
        /// <param name="axes">Default: all.</param>
        /// <param name="keep">Whether a reduced axis stays, with size 1.</param>
        public static Sym MaskedMean(this Sym x, Sym mask, Axes axes = default, bool keep = false)
            => Sym.Apply("MaskedMean", x, mask, axes, keep);
    }
}

namespace Hybrid.Rules
{
    internal sealed class MaskedMeanRule : MaskedRule
    {
        protected override Domain Image(Domain of) => of == Domain.Distribution ? Domain.Probability : of;

        public override string Functional(NodeCode c) => $"{Sum(c, c.In())} / {Count(c)}";

        public override bool Tangent(TangentCode c) => c.TangentOf() is { } dx ? c.Set($"{Sum(c, dx)} / {Count(c)}") : c.SetNone();

        internal override string? Onnx(OnnxCode c) => c.Divide(OnnxSum(c), OnnxCount(c));
    }
}
