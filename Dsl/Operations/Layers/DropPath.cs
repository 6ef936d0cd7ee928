using System.Collections.Generic;
using System.Linq;
using Hybrid.Graphs;
using Hybrid.Onnx;
using Hybrid.Programs;
using Hybrid.Rules;

namespace Hybrid
{
    public static partial class Operations
    {
        /// <summary>
        /// Stochastic depth: in training, zeroes whole examples of a residual branch with probability p and divides the rest by 1 − p.
        /// Huang et al. 2016.
        /// </summary>
        /// <param name="x">(B, …)</param>
        /// <param name="p">In [0, 1).</param>
        public static Sym DropPath(this Sym x, double p) => Sym.Apply("DropPath", x, p);
    }
}

namespace Hybrid.Rules
{
    internal sealed class DropPathRule : UnaryRule
    {
        public override bool DependsOnTraining => true;

        protected override Domain Image(Domain of) => of is Domain.Positive or Domain.NonNegative ? Domain.NonNegative : Domain.Any;

        protected override bool Check(Inference i)
        {
            if (i.Shape().Rank == 0)
            {
                return i.Error(
                    "HYB1004", $"{i.Subject} drops examples of a batch; {i.Describe(i.Value())} is a scalar. Use Dropout.", "x", i.Value());
            }
            return i.WithinUnit("p");
        }

        /// <summary>One number for each example: 0 or 1/(1 − p).</summary>
        private static string Kept(NodeCode c)
        {
            var sizes = NodeCode.Longs(Enumerable.Repeat("1", c.Shape().Rank - 1).Prepend($"{c.In()}.shape[0]"));
            return $"functional.dropout(torch.ones({sizes}, dtype: {c.In()}.dtype, device: {c.In()}.device), {c.Number("p")}, "
                + $"{c.Training})";
        }

        // libtorch's product with the noise fails for other than real numbers, without noise nothing is done.
        protected override ElementType? Of(Inference i, ElementType element) => i.Real("p") == 0 ? element : null;

        public override string Functional(NodeCode c) => $"{c.Training} ? {c.In()} * {Kept(c)} : {c.In()}.alias()";

        public override string? Ensemble(EnsembleCode c)
            => $"{c.Training} ? {c.In()} * Kept({c.In()}, {c.Number("p")}, {c.Noise}) : {c.In()}.alias()";

        public override IEnumerable<SupportMethod> Support(NodeCode c)
        {
            yield return new SupportMethod(Variant.Ensemble, """
                /// <summary>0 or 1/(1 − p) for each example of (M, B, …), drawn for each member, or once for all.</summary>
                private static Tensor Kept(Tensor x, double p, global::Hybrid.MemberNoise noise)
                {
                    var sizes = new long[x.dim()];
                    Array.Fill(sizes, 1L);
                    if (noise == global::Hybrid.MemberNoise.PerMember) sizes[0] = x.shape[0];
                    sizes[1] = x.shape[1];
                    return functional.dropout(torch.ones(sizes, dtype: x.dtype, device: x.device), p);
                }
                """);
        }

        /// <summary>Value and tangent drop the same examples.</summary>
        public override bool Tangent(TangentCode c)
        {
            var kept = c.Local("kept", Kept(c), "of each example");
            c.Value = $"{c.In()} * {kept}";
            return c.Set($"{c.TangentOf()} * {kept}");
        }

        internal override string? Onnx(OnnxCode c) => c.X;
    }
}
