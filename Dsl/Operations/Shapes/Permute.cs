using System.Linq;
using Hybrid.Graphs;
using Hybrid.Onnx;
using Hybrid.Programs;
using Hybrid.Rules;

namespace Hybrid
{
    public static partial class Operations
    {
        /// <summary>Reorders the axes: <c>Permute(0, 3, 1, 2)</c> brings channels-last images to channels-first.</summary>
        public static Sym Permute(this Sym x, params int[] order) => Sym.Apply("Permute", x, order);
    }
}

namespace Hybrid.Rules
{
    internal sealed class PermuteRule : Rule
    {
        public override bool IsView => true;

        public override void Infer(Inference i)
        {
            var x = i.Value();
            var order = ((Argument.Integers)i.Argument("order")).Values;
            if (!order.OrderBy(axis => axis).SequenceEqual(Enumerable.Range(0, x.Shape.Rank)))
            {
                i.Error(
                    "HYB1004",
                    $"{i.Subject}: ({string.Join(", ", order)}) does not name each of the {x.Shape.Rank} axes of {i.Describe(x)} "
                        + $"{x.Shape} once.",
                    "order", x);
                return;
            }
            i.Output(x.Shape with { Axes = order.Select(axis => x.Shape.Axes[axis]).ToEquatable() });
        }

        public override string Functional(NodeCode c) => $"{c.In()}.permute({NodeCode.Longs(Order(c))})";

        public override string? Ensemble(EnsembleCode c)
            => $"{c.In()}.permute({NodeCode.Longs(Order(c).Select(axis => axis + 1).Prepend(0).ToArray())})";

        public override bool Tangent(TangentCode c)
            => c.Set($"{c.TangentOf()}.permute({NodeCode.Longs(Order(c).Select(axis => axis + 1).Prepend(0).ToArray())})");

        private static long[] Order(NodeCode c) => ((Argument.Integers)c.Argument("order")).Values.Select(axis => (long)axis).ToArray();

        internal override string? Onnx(OnnxCode c)
            => c.Transpose(c.X, ((Argument.Integers)c.Argument("order")).Values.Select(axis => (long)axis).ToArray());
    }
}
