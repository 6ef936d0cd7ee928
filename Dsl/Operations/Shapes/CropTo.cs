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
        /// Cuts images to the height and width of others, half of the surplus on each side: (B, C, H, W) → (B, C, h, w). Ronneberger et al.
        /// 2015.
        /// </summary>
        /// <param name="x">(B, C, H, W), at least as large as the other.</param>
        /// <param name="other">(…, …, h, w): only its sizes are used.</param>
        public static Sym CropTo(this Sym x, Sym other) => Sym.Apply("CropTo", x, other);
    }
}

namespace Hybrid.Rules
{
    internal sealed class CropToRule : Rule
    {
        public override bool IsView => true;

        public override void Infer(Inference i)
        {
            var (x, other) = (i.Value(), i.Value("other"));
            foreach (var side in new[] { x, other })
            {
                if (side.Shape.Rank == 4) continue;
                i.Error(
                    "HYB1004",
                    $"{i.Subject} needs rank 4 [B,C,H,W]; {i.Describe(side)} gives rank {side.Shape.Rank} {side.Shape}. Give it four axes.",
                    side == x ? "x" : "other",
                    side);
                return;
            }
            for (var axis = 2; axis < 4; axis++)
            {
                var (from, to) = (x.Shape[axis], other.Shape[axis]);
                if (i.DemandAtLeast(from - to, 0, "other", out var verdict, out _)) continue;
                i.Error(
                    "HYB1005",
                    $"{i.Subject}: {(axis == 2 ? "height" : "width")} {from} of {i.Describe(x)} is smaller than {to} of "
                        + $"{i.Describe(other)}{verdict.Witnessed(from, to)}. Crop the other one, or pad this one.",
                    "other", x, other);
                return;
            }
            i.Output(x.Shape.With(2, other.Shape[2]).With(3, other.Shape[3]));
        }

        public override string Functional(NodeCode c) => Crop(c, c.In());

        private static string Crop(NodeCode c, string tensor)
        {
            // Counted from the end: the same for a value and its tangent.
            string Narrow(int axis)
            {
                var (from, to) = (c.Shape()[axis], c.Shape("other")[axis]);
                return $".narrow({axis - 4}, {c.Size((from - to).FloorDiv(2))}, {c.Size(to)})";
            }
            return tensor + Narrow(2) + Narrow(3);
        }

        /// <summary>The other tensor gives only its sizes, which do not move.</summary>
        public override bool Tangent(TangentCode c)
            => c.Set(c.TangentOf() is { } dx ? Crop(c, dx) : TangentCode.Still(Crop(c, c.In()), c.Shape().Rank, c.TangentOf("other")!));

        internal override string? Onnx(OnnxCode c)
        {
            var other = c.Shape("other");
            var starts = new[] { 2, 3 }.Select(axis => (c.Shape()[axis] - other[axis]).FloorDiv(2)).ToList();
            var ends = new[] { 2, 3 }.Select((axis, n) => starts[n] + other[axis]).ToList();
            return c.Add("Slice", [c.X, c.Sizes.Values(starts), c.Sizes.Values(ends), c.Builder.Integers(2, 3)]);
        }
    }
}
