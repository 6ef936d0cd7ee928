using System.Collections.Generic;
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
        /// <summary>Takes a tensor apart into the slices of an axis, which goes away: (B, 3, N) → three of (B, N).</summary>
        /// <param name="x">Any shape but a scalar; the axis has a known size of at least 2.</param>
        /// <param name="axis">Default: the first after the batch.</param>
        public static Syms Unbind(this Sym x, int axis = 1) => new(Sym.ApplyMany("Unbind", x, axis));
    }
}

namespace Hybrid.Rules
{
    internal sealed class UnbindRule : PartsRule
    {
        // More slices than a person takes apart by name: a loop over an axis belongs in one operation.
        private const int MostSlices = 256;

        public override int CountOutputs(Binding binding)
        {
            if (binding.Tensors[0] is not { IsUnknown: false } x
                || binding.Constants[0] is not Argument.Size { Value: var value }
                || !value.TryConstant(out var axis))
            {
                return 1;
            }
            if (axis < 0) axis += x.Shape.Rank;
            return axis >= 0 && axis < x.Shape.Rank && x.Shape[(int)axis].TryConstant(out var size) && size is > 0 and <= MostSlices
                ? (int)size
                : 1;
        }

        public override void Infer(Inference i)
        {
            var x = i.Value();
            if (!i.TryAxis(i.Integer("axis"), x.Shape.Rank, "axis", out var axis) || Parts(i, axis) is not { } parts) return;
            var domain = x.Shape.Domain == Domain.Distribution ? Domain.Probability : x.Shape.Domain;
            foreach (var _ in parts)
                i.Output(x.Shape with { Axes = x.Shape.Axes.Where((_, n) => n != axis).ToEquatable(), Domain = domain });
        }

        protected override IReadOnlyList<(Dim Start, Dim Length)>? Parts(Inference i, int axis)
        {
            var x = i.Value();
            var known = x.Shape[axis].Substitute(name => i.Facts.ConstantOf(name));
            if (known.TryConstant(out var size) && size is >= 2 and <= MostSlices)
                return Enumerable.Range(0, (int)size).Select(n => (Dim.Constant(n), Dim.One)).ToList();
            i.Error(
                "HYB1022",
                $"{i.Subject}: axis {axis} of {i.Describe(x)} {x.Shape} has size {x.Shape[axis]}; it must be a number from 2 to "
                    + $"{MostSlices}, since each slice is a result of its own. Use Slice, or an operation over the whole axis.",
                "axis", x);
            return null;
        }

        protected override IEnumerable<string> Taken(NodeCode c, string tensor)
            => c.Node.Outputs.Select((_, n) => $"{tensor}.select({c.FromEnd("axis")}, {n})");

        internal override IReadOnlyList<string>? OnnxResults(OnnxCode c)
            => c.Node.Outputs.Select(
                (_, n) => c.Add("Gather", [c.X, c.Builder.Integer(n)], ("axis", c.Axis("axis", c.Shape().Rank)))).ToList();
    }
}
