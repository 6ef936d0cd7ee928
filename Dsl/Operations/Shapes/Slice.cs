using Hybrid.Algebra;
using Hybrid.Graphs;
using Hybrid.Onnx;
using Hybrid.Programs;
using Hybrid.Rules;

namespace Hybrid
{
    public static partial class Operations
    {
        /// <summary>A stretch of one axis: <c>x.Slice(1, 0, 3)</c> keeps the first three channels.</summary>
        /// <param name="x">Any shape.</param>
        /// <param name="axis">Which axis; negative counts from the end.</param>
        /// <param name="start">The first index kept; negative counts from the end: <c>x.Slice(1, -3, 3)</c> keeps the last three.</param>
        /// <param name="length">How many are kept, at least 1.</param>
        public static Sym Slice(this Sym x, int axis, int start, int length) => Sym.Apply("Slice", x, axis, start, length);
    }
}

namespace Hybrid.Rules
{
    internal sealed class SliceRule : Rule
    {
        public override bool IsView => true;

        public override void Infer(Inference i)
        {
            var x = i.Value();
            if (!i.TryAxis(i.Integer("axis"), x.Shape.Rank, "axis", out var axis) || !i.RequireSize("length")) return;
            var (start, length) = (i.Integer("start"), i.Integer("length"));
            // From the end, the stretch may end with the axis; what it needs of the axis is then its start.
            var least = start < 0 ? -start : start + length;
            var isBeyond = start < 0 && length > -start;
            if (isBeyond || !i.DemandAtLeast(x.Shape[axis], least, "length", out _, out _))
            {
                var example = isBeyond ? "" : i.Facts.IsAtLeast(x.Shape[axis], least).Witnessed(x.Shape[axis], least);
                i.Error(
                    "HYB1005",
                    $"{i.Subject} keeps {length} from index {start} of axis {axis}, which has "
                        + $"{x.Shape[axis]}{example} ({i.Describe(x)} is {x.Shape}). Use a "
                        + "shorter stretch.",
                    "length", x);
                return;
            }
            var domain = x.Shape.Domain == Domain.Distribution ? Domain.Probability : x.Shape.Domain;
            i.Output(x.Shape.With(axis, length) with { Domain = domain });
        }

        public override string Functional(NodeCode c)
            => $"{c.In()}.narrow({c.Integer("axis")}, {c.Integer("start")}, {c.Integer("length")})";

        public override string? Ensemble(EnsembleCode c)
            => $"{c.In()}.narrow({c.FromEnd("axis")}, {c.Integer("start")}, {c.Integer("length")})";

        public override bool Tangent(TangentCode c)
            => c.Set($"{c.TangentOf()}.narrow({c.FromEnd("axis")}, {c.Integer("start")}, {c.Integer("length")})");

        internal override string? Onnx(OnnxCode c)
        {
            var (start, end) = (c.Integer("start"), c.Integer("start") + c.Integer("length"));
            // A stretch that ends with the axis has no negative end.
            return c.Slice(c.X, c.Axis("axis", c.Shape().Rank), start, start < 0 && end == 0 ? long.MaxValue : end);
        }
    }
}
