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
        /// <summary>Joins the axes from <paramref name="start"/> on: (B, C, H, W) → (B, C·H·W).</summary>
        /// <param name="x">Any shape of rank &gt; start.</param>
        /// <param name="start">Default 1: the batch stays.</param>
        public static Sym Flatten(this Sym x, int start = 1) => Sym.Apply("Flatten", x, start);
    }
}

namespace Hybrid.Rules
{
    internal sealed class FlattenRule : Rule
    {
        public override bool IsView => true;

        public override void Infer(Inference i)
        {
            var x = i.Shape();
            if (!i.TryAxis(i.Integer("start"), x.Rank, "start", out var start)) return;
            var joined = x.Sizes.Skip(start).Aggregate(Dim.One, (product, size) => product * size);
            i.Output(
                x with
                {
                    Axes = x.Axes.Take(start)
                        .Append(new Axis(joined, start == x.Rank - 1 ? x.Axes[start].Role : AxisRoles.Joined(x.Axes.Skip(start))))
                        .ToEquatable(),
                });
        }

        public override string Functional(NodeCode c) => $"{c.In()}.flatten({c.Integer("start")})";

        public override string? Ensemble(EnsembleCode c) => $"{c.In()}.flatten({c.FromEnd("start")})";

        public override bool Tangent(TangentCode c)
        {
            var start = c.Integer("start");
            return c.Set($"{c.TangentOf()}.flatten({(start < 0 ? start : start + 1)})");
        }

        internal override string? Onnx(OnnxCode c)
            => c.Axis("start", c.Shape().Rank) == 1 ? c.Add("Flatten", [c.X], ("axis", 1L)) : c.Reshaped();
    }
}
