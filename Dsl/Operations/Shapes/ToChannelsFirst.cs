using System.Linq;
using Hybrid.Graphs;
using Hybrid.Onnx;
using Hybrid.Programs;
using Hybrid.Rules;

namespace Hybrid
{
    public static partial class Operations
    {
        /// <summary>Brings channels-last data to channels-first: (B, …, C) → (B, C, …).</summary>
        public static Sym ToChannelsFirst(this Sym x) => Sym.Apply("ToChannelsFirst", x);
    }
}

namespace Hybrid.Rules
{
    internal sealed class ToChannelsFirstRule : Rule
    {
        public override bool IsView => true;

        public override void Infer(Inference i)
        {
            var x = i.Value();
            if (x.Shape.Rank < 3)
            {
                i.Error(
                    "HYB1004",
                    $"{i.Subject} needs rank 3 or more [B,…,C]; {i.Describe(x)} gives rank {x.Shape.Rank} {x.Shape}. Leave it out: "
                        + "channels are on axis 1 already.",
                    "x", x);
                return;
            }
            var axes = x.Shape.Axes;
            i.Output(
                x.Shape with { Axes = new[] { axes[0], axes[axes.Count - 1] }.Concat(axes.Skip(1).Take(axes.Count - 2)).ToEquatable() });
        }

        public override string Functional(NodeCode c) => $"{c.In()}.movedim({NodeCode.Longs(-1)}, {NodeCode.Longs(1)})";

        public override string? Ensemble(EnsembleCode c) => $"{c.In()}.movedim({NodeCode.Longs(-1)}, {NodeCode.Longs(2)})";

        public override bool Tangent(TangentCode c) => c.Set($"{c.TangentOf()}.movedim({NodeCode.Longs(-1)}, {NodeCode.Longs(2)})");

        internal override string? Onnx(OnnxCode c)
        {
            var rank = c.Shape().Rank;
            return c.Transpose(c.X, [0, rank - 1, .. Enumerable.Range(1, rank - 2).Select(axis => (long)axis)]);
        }
    }
}
