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
        /// Largest value over the elements of each field: (B, fields·|G|, …) → (B, fields, …). What is left turns with the image and no
        /// longer knows by which element; after a global pool it does not change at all.
        /// </summary>
        /// <param name="x">Fields of the group.</param>
        /// <param name="group">The symmetries.</param>
        /// <param name="mean">The mean in place of the largest value.</param>
        public static Sym GroupPool(this Sym x, Symmetry group, bool mean = false) => Sym.Apply("GroupPool", x, group, mean);
    }
}

namespace Hybrid.Rules
{
    internal sealed class GroupPoolRule : Rule
    {
        public override bool Takes(Inference inference, string parameter, ElementType element) => !inference.Flag("mean");

        public override void Infer(Inference i)
        {
            if (!i.TryFields()) return;
            var x = i.Shape();
            var pooled = x.With(1, x[1].FloorDiv(Symmetries.Order(i.Group())));
            i.Output(
                pooled with
                {
                    Axes = pooled.Axes.Select((axis, n) => n == 1 ? axis with { Fields = Fields.None } : axis).ToEquatable(),
                    Domain = x.Domain == Domain.Distribution ? Domain.Probability : x.Domain,
                });
        }

        // The channels' axis counted from the end, the same for a value and its tangent; divided, its elements are on the axis after it.
        private static string Divided(NodeCode c, string tensor)
            => $"{tensor}.unflatten({tensor}.dim() - {c.Shape().Rank - 1}, {NodeCode.Longs(-1, Symmetries.Order(c.Group()))})";

        private static int Elements(NodeCode c) => 1 - c.Shape().Rank;

        private static string Mean(NodeCode c, string tensor) => $"{Divided(c, tensor)}.mean({NodeCode.Longs(Elements(c))})";

        public override string Functional(NodeCode c)
            => c.Flag("mean") ? Mean(c, c.In()) : $"{Divided(c, c.In())}.amax({NodeCode.Longs(Elements(c))})";

        public override string? Ensemble(EnsembleCode c) => Functional(c);

        /// <summary>The tangent of the element that is largest; of several that are, their mean, as in libtorch's backward.</summary>
        public override bool Tangent(TangentCode c)
        {
            if (c.Flag("mean")) return c.Set(Mean(c, c.TangentOf()!));
            var largest = c.Local(
                "largest",
                $"{Divided(c, c.In())}.eq({c.Out}.unsqueeze({Elements(c)})).to({c.Out}.dtype)",
                "1 at the largest of each field");
            return c.Set($"({Divided(c, c.TangentOf()!)} * {largest}).sum({Elements(c)}) / {largest}.sum({Elements(c)})");
        }

        public override Dim Flops(NodeCode c) => c.Shape().Elements;

        internal override string? Onnx(OnnxCode c)
        {
            var order = Symmetries.Order(c.Group());
            var rest = c.Shape().Sizes.ToList();
            var divided = c.Add("Reshape", [c.X, c.Sizes.Shape([rest[0], rest[1].FloorDiv(order), order, .. rest.Skip(2)])]);
            return c.Flag("mean") ? c.Mean(divided, keep: false, 2) : c.Largest(divided, keep: false, 2);
        }
    }
}
