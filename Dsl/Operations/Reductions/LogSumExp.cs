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
        /// <summary>ln Σ eˣ over some axes, or all, without overflow: a largest value that has a derivative everywhere.</summary>
        /// <param name="x">Any shape.</param>
        /// <param name="axes">Default: all.</param>
        /// <param name="keep">Whether a reduced axis stays with size 1.</param>
        public static Sym LogSumExp(this Sym x, Axes axes = default, bool keep = false) => Sym.Apply("LogSumExp", x, axes, keep);
    }
}

namespace Hybrid.Rules
{
    internal sealed class LogSumExpRule : ReductionRule
    {
        public override bool Takes(Inference inference, string parameter, ElementType element) => true;

        protected override ElementType ElementOf(ElementType element) => ElementType.Real;

        protected override Domain Image(Domain of) => Domain.Any;

        // Of several axes it is that of each after the other; counted from the end, those that are left keep their numbers.
        private static string Sum(NodeCode c)
        {
            var keep = c.Flag("keep") ? ", keepdim: true" : "";
            var sum = c.In() + string.Concat(FromEnd(c).Select(axis => $".logsumexp({axis}{keep})"));
            // ln eˣ = x.
            return c.Shape().Rank > 0 ? sum : $"{sum}.alias()";
        }

        public override string Functional(NodeCode c) => Sum(c);

        public override string? Ensemble(EnsembleCode c) => Sum(c);

        /// <summary>dy = Σ e^(x − y) dx.</summary>
        public override bool Tangent(TangentCode c)
        {
            if (c.Shape().Rank == 0) return c.Set(c.TangentOf()!);
            var shares = c.Local("shares", $"({c.In()} - {Kept(c)}).exp()", ProgramFile.Round(c.Shape()));
            return c.Set(Call(c, $"({shares} * {c.TangentOf()})", "sum"));
        }

        /// <summary>A largest value, exponentials, their sum, a logarithm.</summary>
        public override Dim Flops(NodeCode c) => 3 * c.Shape().Elements;

        internal override string? Onnx(OnnxCode c)
            => c.Shape().Rank == 0
                ? c.X
                : c.Add("ReduceLogSumExp", [c.X], ("axes", c.Axes("axes")), ("keepdims", c.Flag("keep") ? 1L : 0L));
    }
}
