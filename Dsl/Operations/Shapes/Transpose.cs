using System.Linq;
using Hybrid.Graphs;
using Hybrid.Onnx;
using Hybrid.Programs;
using Hybrid.Rules;

namespace Hybrid
{
    public static partial class Operations
    {
        /// <summary>Swaps two axes; the last two when none are named.</summary>
        public static Sym Transpose(this Sym x, int first = -2, int second = -1) => Sym.Apply("Transpose", x, first, second);
    }
}

namespace Hybrid.Rules
{
    internal sealed class TransposeRule : Rule
    {
        public override bool IsView => true;

        public override void Infer(Inference i)
        {
            var x = i.Shape();
            if (!i.TryAxis(i.Integer("first"), x.Rank, "first", out var first)
                || !i.TryAxis(i.Integer("second"), x.Rank, "second", out var second))
            {
                return;
            }
            var swapped = x.Axes.Select((axis, n) => n == first ? x.Axes[second] : n == second ? x.Axes[first] : axis);
            i.Output(x with { Axes = swapped.ToEquatable() });
        }

        public override string Functional(NodeCode c) => $"{c.In()}.transpose({c.Integer("first")}, {c.Integer("second")})";

        public override string? Ensemble(EnsembleCode c) => $"{c.In()}.transpose({c.FromEnd("first")}, {c.FromEnd("second")})";

        public override bool Tangent(TangentCode c)
            => c.Set($"{c.TangentOf()}.transpose({c.FromEnd("first")}, {c.FromEnd("second")})");

        internal override string? Onnx(OnnxCode c)
        {
            var order = Enumerable.Range(0, c.Shape().Rank).Select(axis => (long)axis).ToArray();
            var (first, second) = (c.Axis("first", order.Length), c.Axis("second", order.Length));
            (order[first], order[second]) = (second, first);
            return c.Transpose(c.X, order);
        }
    }
}
