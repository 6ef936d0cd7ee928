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
        /// Removes an axis of size 1; without a name, each axis of size 1, where no other axis can be of size 1 (HYB1011).
        /// </summary>
        public static Sym Squeeze(this Sym x, int? axis = null) => Sym.Apply("Squeeze", x, axis);
    }
}

namespace Hybrid.Rules
{
    internal sealed class SqueezeRule : Rule
    {
        public override bool IsView => true;

        public override void Infer(Inference i)
        {
            var x = i.Value();
            if (!i.IsGiven("axis"))
            {
                All(i, x);
                return;
            }
            if (!i.TryAxis(i.Integer("axis"), x.Shape.Rank, "axis", out var axis)) return;
            if (!i.Demand(x.Shape[axis], Dim.One, "axis", out var verdict))
            {
                var example = verdict.Witness is { Values.Count: > 0 } witness ? $" ({witness})" : "";
                i.Error(
                    "HYB1011",
                    $"{i.Subject}: axis {axis} of {i.Describe(x)} {x.Shape} has size {x.Shape[axis]}, not 1{example}. Name an axis of "
                        + "size 1, or take a mean over it.",
                    "axis", x);
                if (Only(x.Shape) is { } one) i.Offer(EditKind.Replace, one);
                return;
            }
            i.Output(x.Shape with { Axes = x.Shape.Axes.Where((_, n) => n != axis).ToEquatable() });
        }

        /// <summary>The one axis of size 1; null when there are several or none.</summary>
        private static string? Only(Shape shape)
        {
            var ones = Enumerable.Range(0, shape.Rank).Where(axis => shape[axis].Equals(Dim.One)).ToList();
            return ones.Count == 1 ? ones[0].ToString(System.Globalization.CultureInfo.InvariantCulture) : null;
        }

        /// <summary>Every axis of size 1 goes, whichever those are when it runs: so that must be known now.</summary>
        private static void All(Inference i, Value x)
        {
            for (var axis = 0; axis < x.Shape.Rank; axis++)
            {
                var size = x.Shape[axis];
                if (size.Equals(Dim.One) || i.Facts.IsAtLeast(size, 2).IsProved) continue;
                var one = Only(x.Shape);
                i.Error(
                    "HYB1011",
                    $"{i.Subject} without an axis removes {size} too when {size} = 1 ({i.Describe(x)} is {x.Shape}). "
                        + $"{(one is null ? "Name the axis" : $"Use Squeeze({one})")}.",
                    "axis", x);
                if (one is not null) i.Offer(EditKind.Argument, one, i.Call);
                return;
            }
            i.Output(x.Shape with { Axes = x.Shape.Axes.Where(axis => !axis.Size.Equals(Dim.One)).ToEquatable() });
        }

        /// <summary>The removed axes, counted from the end, the last one first: the same for a value and its tangent.</summary>
        private static string Squeezed(NodeCode c, string tensor)
        {
            var rank = c.Shape().Rank;
            foreach (var axis in Enumerable.Range(1, rank).Where(back => c.Shape()[-back].Equals(Dim.One)).Reverse())
                tensor += $".squeeze({-axis})";
            return tensor;
        }

        public override string Functional(NodeCode c) => IsNamed(c) ? $"{c.In()}.squeeze({c.Integer("axis")})" : Squeezed(c, c.In());

        private static bool IsNamed(NodeCode c) => c.Argument("axis") is not Argument.Missing;

        public override string? Ensemble(EnsembleCode c) => IsNamed(c) ? $"{c.In()}.squeeze({c.FromEnd("axis")})" : Squeezed(c, c.In());

        public override bool Tangent(TangentCode c)
        {
            if (!IsNamed(c)) return c.Set(Squeezed(c, c.TangentOf()!));
            return c.Set($"{c.TangentOf()}.squeeze({c.FromEnd("axis")})");
        }

        internal override string? Onnx(OnnxCode c)
        {
            var ones = Enumerable.Range(0, c.Shape().Rank).Where(axis => c.Shape()[axis].Equals(Dim.One)).Select(axis => (long)axis);
            long[] axes = c.IsGiven("axis") ? [c.Axis("axis", c.Shape().Rank)] : ones.ToArray();
            return axes.Length == 0 ? c.X : c.Add("Squeeze", [c.X, c.Builder.Integers(axes)]);
        }
    }
}
