using System.Collections.Generic;
using System.Linq;
using Hybrid.Algebra;
using Hybrid.Graphs;
using Hybrid.Onnx;
using Hybrid.Programs;
using Hybrid.Rules;

namespace Hybrid
{
    public static partial class Operations
    {
        /// <summary>
        /// Variance over some axes, or all: Σ (x − x̄)²/(N − correction), N the number of elements that it goes over. Its root is the
        /// standard deviation.
        /// </summary>
        /// <param name="x">Any shape.</param>
        /// <param name="axes">Default: all.</param>
        /// <param name="keep">Whether a reduced axis stays with size 1.</param>
        /// <param name="correction">1, the default and PyTorch's, where the mean is estimated from the same draws; 0 of a whole
        /// population, as batch statistics are.</param>
        public static Sym Var(
            this Sym x, Axes axes = default, bool keep = false, int correction = 1)
            => Sym.Apply("Var", x, axes, keep, correction);
    }
}

namespace Hybrid.Rules
{
    internal sealed class VarRule : ReductionRule
    {
        protected override Domain Image(Domain of) => Domain.NonNegative;

        protected override bool Check(Inference i, IReadOnlyList<Dim> reduced)
        {
            if (!i.RequireSize("correction", 0)) return false;
            var count = reduced.Aggregate(Dim.One, (product, size) => product * size);
            var least = i.Integer("correction") + 1;
            if (i.DemandAtLeast(count, least, "axes", out var verdict, out _)) return true;
            i.Error(
                "HYB2001",
                $"{i.Subject} divides by N - {least - 1} and goes over N = {count}{verdict.Witnessed(count, least)} of "
                    + $"{i.Describe(i.Value())} {i.Shape()}; N must be at least {least}. Name more axes, or correction: 0 for the variance "
                    + "of a whole population.",
                "axes", i.Value());
            return false;
        }

        // TorchSharp's var ends the process where libtorch refuses its arguments.
        private static string Variance(NodeCode c)
            => $"Variance({c.In()}, {Axes(c)}, {c.Integer("correction")}{(c.Flag("keep") ? ", keep: true" : "")})";

        private static string Axes(NodeCode c) => NodeCode.Longs(FromEnd(c).Select(axis => (long)axis).ToArray());

        public override string Functional(NodeCode c) => Variance(c);

        public override string? Ensemble(EnsembleCode c) => c.Shape().Rank == 0 ? $"{c.In()}.zeros_like()" : Variance(c);

        public override IEnumerable<SupportMethod> Support(NodeCode c)
        {
            yield return new SupportMethod(null, """
                /// <summary>Σ (x − x̄)²/(N − correction) over some axes.</summary>
                private static Tensor Variance(Tensor x, long[] axes, long correction, bool keep = false)
                {
                    var mean = x.mean(axes, keepdim: true);
                    return (x - mean).square().sum(axes, keepdim: keep) / ((x.numel() / mean.numel()) - correction);
                }
                """);
        }

        /// <summary>dv = 2 Σ (x − x̄) dx/(N − correction): the mean's own tangent adds nothing.</summary>
        public override bool Tangent(TangentCode c)
        {
            if (c.Shape().Rank == 0) return c.SetNone();
            var centred = c.Local("centred", $"{c.In()} - {c.In()}.mean({Axes(c)}, keepdim: true)", ProgramFile.Round(c.Shape()));
            var count = $"(({c.In()}.numel() / {c.Out}.numel()) - {c.Integer("correction")})";
            return c.Set($"{Call(c, $"({centred} * {c.TangentOf()})", "sum")} * 2 / {count}");
        }

        /// <summary>Mean, difference, square and sum.</summary>
        public override Dim Flops(NodeCode c) => 4 * c.Shape().Elements;

        internal override string? Onnx(OnnxCode c)
        {
            if (c.Shape().Rank == 0) return c.Multiply(c.X, c.Builder.Single(0));
            var axes = c.Axes("axes");
            var centred = c.Subtract(c.X, c.Mean(c.X, keep: true, axes));
            var count = axes.Aggregate(Dim.One, (product, axis) => product * c.Shape()[(int)axis]) - c.Integer("correction");
            return c.Divide(
                c.Sum(c.Multiply(centred, centred), c.Flag("keep"), axes),
                c.As(ElementType.Real, c.Sizes.Scalar(count), ElementType.Int64));
        }
    }
}
