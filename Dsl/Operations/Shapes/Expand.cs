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
        /// Repeats a tensor along axes of size 1 and new first ones: a class token for each example, <c>token.Expand("B, 1, Width")</c>.
        /// </summary>
        /// <param name="x">Its sizes are those of the shape, counted from the end, or 1.</param>
        /// <param name="shape">The sizes that come out.</param>
        public static Sym Expand(this Sym x, string shape) => Sym.Apply("Expand", x, shape);
    }
}

namespace Hybrid.Rules
{
    internal sealed class ExpandRule : Rule
    {
        public override bool IsView => true;

        public override void Infer(Inference i)
        {
            var (x, sizes) = (i.Value(), ((Argument.Sizes)i.Argument("shape")).Values);
            if (sizes.Count < x.Shape.Rank)
            {
                i.Error(
                    "HYB1004",
                    $"{i.Subject}: {i.Describe(x)} has rank {x.Shape.Rank} {x.Shape}, the shape [{string.Join(", ", sizes)}] has "
                        + $"{Plural.Of(sizes.Count, "axis", "axes")}. Name them all.",
                    "shape", x);
                return;
            }
            foreach (var size in sizes)
            {
                if (i.Facts.IsAtLeast(size, 1).IsProved) continue;
                i.Error(
                    "HYB1005",
                    $"{i.Subject}: size {size} of [{string.Join(", ", sizes)}] is not always at least 1. Use a positive size.",
                    "shape", x);
                return;
            }
            var axes = new Axis[sizes.Count];
            for (var back = 1; back <= sizes.Count; back++)
            {
                var size = sizes[sizes.Count - back];
                axes[sizes.Count - back] = new Axis(size);
                if (back > x.Shape.Rank) continue;
                var own = x.Shape.Axes[x.Shape.Rank - back];
                if (own.Size.Equals(Dim.One)) continue;
                if (!i.Demand(own.Size, size, "shape", out var verdict))
                {
                    i.Error(
                        "HYB1007",
                        $"{i.Subject}: axis -{back} of {i.Describe(x)} {x.Shape} has {own.Size}, the shape [{string.Join(", ", sizes)}] "
                            + $"asks for {size}{verdict.Witnessed(own.Size, size)}. Only an axis of size 1 is repeated.",
                        "shape", x);
                    return;
                }
                axes[sizes.Count - back] = own with { Size = size };
            }
            i.Output(x.Shape with { Axes = axes.ToEquatable() });
        }

        public override string Functional(NodeCode c) => $"{c.In()}.expand({NodeCode.Longs(c.Result().Sizes.Select(c.Size))})";

        public override bool Tangent(TangentCode c)
        {
            // New first axes come after that of the directions.
            var tangent = c.TangentOf()!;
            for (var rank = c.Shape().Rank; rank < c.Result().Rank; rank++) tangent += ".unsqueeze(1)";
            return c.Set($"{tangent}.expand({NodeCode.Longs(c.Result().Sizes.Select(c.Size).Prepend("-1"))})");
        }

        internal override string? Onnx(OnnxCode c) => c.Add("Expand", [c.X, c.Sizes.Values(c.Result().Sizes.ToList())]);
    }
}
