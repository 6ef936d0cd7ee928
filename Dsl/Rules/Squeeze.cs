using System.Linq;
using Hybrid.Algebra;
using Hybrid.Graphs;
using Hybrid.Programs;
using Hybrid.Rules;

namespace Hybrid
{
    public static partial class Operations
    {
        /// <summary>Removes an axis of size 1. The axis is named, so that a batch of one keeps its batch axis.</summary>
        public static Sym Squeeze(this Sym x, int axis) => Sym.Apply("Squeeze", x, axis);
    }
}

namespace Hybrid.Rules
{
    internal sealed class SqueezeRule : Rule
    {
        public override Signature Signature { get; } = new("Squeeze", new("x", ParameterKind.Tensor), new("axis", ParameterKind.Integer));

        public override bool IsView => true;

        public override void Infer(Inference i)
        {
            var x = i.Value();
            if (!i.TryAxis(i.Integer("axis"), x.Shape.Rank, "axis", out var axis)) return;
            if (!i.Demand(x.Shape[axis], Dim.One, "axis", out var verdict))
            {
                var example = verdict.Witness is { Values.Count: > 0 } witness ? $" ({witness})" : "";
                i.Error("HYB1011", $"{i.Subject}: axis {axis} of {i.Describe(x)} {x.Shape} has size {x.Shape[axis]}, not 1{example}. Name an axis of size 1, or take a mean over it.", "axis", x);
                return;
            }
            i.Output(x.Shape with { Axes = x.Shape.Axes.Where((_, n) => n != axis).ToEquatable() });
        }

        public override string Functional(NodeCode c) => $"{c.In()}.squeeze({c.Integer("axis")})";

        public override bool Tangent(TangentCode c)
        {
            var axis = c.Integer("axis");
            return c.Set($"{c.TangentOf()}.squeeze({(axis < 0 ? axis : axis - c.Shape().Rank)})");
        }
    }
}
