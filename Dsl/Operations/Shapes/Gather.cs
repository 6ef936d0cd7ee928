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
        /// Elements of an axis, picked by index at each place: (…, N, …) and indices (…, K, …) → (…, K, …), as PyTorch's gather.
        /// <c>logits.LogSoftmax(1).Gather(label.Unsqueeze(1), 1)</c> is the logarithm of each example's own class. Indices are checked
        /// when it runs.
        /// </summary>
        /// <param name="x">Any shape but a scalar.</param>
        /// <param name="indices">Whole numbers, at least 0, below the size of the axis. The other sizes are those of x.</param>
        /// <param name="axis">Default: the last.</param>
        public static Sym Gather(this Sym x, Sym indices, int axis = -1) => Sym.Apply("Gather", x, indices, axis);
    }
}

namespace Hybrid.Rules
{
    internal sealed class GatherRule : Rule
    {
        public override bool Takes(Inference inference, string parameter, ElementType element) => true;

        public override void Infer(Inference i)
        {
            var (x, indices) = (i.Value(), i.Value("indices"));
            if (!i.TryAxis(i.Integer("axis"), x.Shape.Rank, "axis", out var axis)) return;
            if (indices.Shape.Element != ElementType.Int64)
            {
                i.RefuseElements(
                    ElementType.Int64, indices,
                    $"indices are whole numbers, {i.Describe(indices)} {indices.Shape} holds {LossTargets.Kind(indices)}", "indices");
                return;
            }
            if (indices.Shape.Rank != x.Shape.Rank)
            {
                i.Error(
                    "HYB1004",
                    $"{i.Subject}: {i.Describe(x)} has rank {x.Shape.Rank} {x.Shape}, the indices {i.Describe(indices)} have rank "
                        + $"{indices.Shape.Rank} {indices.Shape}. Give them the same rank with .Unsqueeze and .Expand.",
                    "indices", x, indices);
                if (indices.Shape.Rank == x.Shape.Rank - 1
                    && indices.Shape.Sizes.Zip(x.Shape.Sizes.Where((_, n) => n != axis), i.Equal).All(same => same))
                {
                    i.Offer(EditKind.Append, $".Unsqueeze({axis})");
                }
                return;
            }
            for (var n = 0; n < x.Shape.Rank; n++)
            {
                if (n == axis || i.Demand(x.Shape[n], indices.Shape[n], "indices", out var verdict)) continue;
                i.Error(
                    "HYB1007",
                    $"{i.Subject}: axis {n} is {x.Shape[n]} in {i.Describe(x)} {x.Shape} and {indices.Shape[n]} in the indices "
                        + $"{i.Describe(indices)} {indices.Shape}{verdict.Witnessed(x.Shape[n], indices.Shape[n])}; only axis {axis} is "
                        + "picked from. Expand the indices, or slice the tensor.",
                    "indices", x, indices);
                return;
            }
            i.WarnOfIndicesBeyond(indices, x.Shape[axis], $"axis {axis} of {i.Describe(x)} {x.Shape} has {x.Shape[axis]}", "indices");
            var domain = x.Shape.Domain == Domain.Distribution ? Domain.Probability : x.Shape.Domain;
            i.Output(x.Shape.With(axis, indices.Shape[axis]) with { Domain = domain });
        }

        private static string Picked(NodeCode c) => $"Picked({c.In()}, {c.In("indices")}, {c.FromEnd("axis")})";

        public override string Functional(NodeCode c) => Picked(c);

        public override string? Ensemble(EnsembleCode c) => Picked(c);

        public override bool Tangent(TangentCode c)
        {
            var dx = c.TangentOf()!;
            var all = $"{c.In("indices")}.unsqueeze(0).expand("
                + $"{NodeCode.Longs(Enumerable.Repeat("-1", c.Shape().Rank).Prepend($"{dx}.shape[0]"))})";
            return c.Set($"{dx}.gather({c.FromEnd("axis")}, {all})");
        }

        public override IEnumerable<SupportMethod> Support(NodeCode c)
        {
            yield return new SupportMethod(null, $$"""
                /// <summary>Elements picked by index; one out of range is named here: on a GPU it would end the process.</summary>
                private static Tensor Picked(Tensor x, Tensor indices, long axis)
                {
                    if (indices.numel() == 0) return x.gather(axis, indices);
                    long least = indices.min().item<long>(), most = indices.max().item<long>(), count = x.size((int)axis);
                    if (least >= 0 && most < count) return x.gather(axis, indices);
                    throw new ArgumentException(
                        $"{{c.Graph.ClassName}}: Gather expects indices in [0, {count}), got {least} to {most}.",
                        nameof(indices));
                }
                """);
        }

        internal override string? Onnx(OnnxCode c)
            => c.Add("GatherElements", [c.In(), c.In("indices")], ("axis", c.Axis("axis", c.Shape().Rank)));
    }
}
