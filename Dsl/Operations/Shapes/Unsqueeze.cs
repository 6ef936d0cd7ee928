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
        /// <summary>Inserts an axis of size 1 before <paramref name="axis"/>; −1 appends it.</summary>
        public static Sym Unsqueeze(this Sym x, int axis) => Sym.Apply("Unsqueeze", x, axis);
    }
}

namespace Hybrid.Rules
{
    internal sealed class UnsqueezeRule : Rule
    {
        public override bool IsView => true;

        public override void Infer(Inference i)
        {
            var x = i.Shape();
            if (!i.TryAxis(i.Integer("axis"), x.Rank + 1, "axis", out var axis)) return;
            i.Output(x with { Axes = x.Axes.Take(axis).Append(new Axis(Dim.One)).Concat(x.Axes.Skip(axis)).ToEquatable() });
        }

        public override string Functional(NodeCode c) => $"{c.In()}.unsqueeze({c.Integer("axis")})";

        public override string? Ensemble(EnsembleCode c)
        {
            var axis = c.Integer("axis");
            return $"{c.In()}.unsqueeze({(axis < 0 ? axis : axis - c.Shape().Rank - 1)})";
        }

        public override bool Tangent(TangentCode c)
        {
            var axis = c.Integer("axis");
            return c.Set($"{c.TangentOf()}.unsqueeze({(axis < 0 ? axis : axis - c.Shape().Rank - 1)})");
        }

        internal override string? Onnx(OnnxCode c) => c.Unsqueeze(c.X, c.Axis("axis", c.Shape().Rank + 1));
    }
}
