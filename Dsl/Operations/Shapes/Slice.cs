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
        /// <param name="start">The first index kept.</param>
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
            if (start < 0)
            {
                i.Error("HYB1026", $"{i.Subject}: start is {start}; it must be at least 0. Count from the front.", "start");
                return;
            }
            if (!i.DemandAtLeast(x.Shape[axis], start + length, "length", out var verdict, out _))
            {
                i.Error(
                    "HYB1005",
                    $"{i.Subject} keeps {length} from index {start} of axis {axis}, which has "
                        + $"{x.Shape[axis]}{verdict.Witnessed(x.Shape[axis], start + length)} ({i.Describe(x)} is {x.Shape}). Use a "
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
            => c.Slice(c.X, c.Axis("axis", c.Shape().Rank), c.Integer("start"), c.Integer("start") + c.Integer("length"));
    }
}
