using System.Linq;
using Hybrid.Onnx;
using Hybrid.Programs;
using Hybrid.Rules;

namespace Hybrid
{
    public static partial class Operations
    {
        /// <summary>Largest values of windows chosen so that the map becomes the given size: (B, C, H, W) → (B, C, size, size).</summary>
        public static Sym AdaptiveMaxPool2d(this Sym x, Extent size) => Sym.Apply("AdaptiveMaxPool2d", x, size);
    }
}

namespace Hybrid.Rules
{
    internal sealed class AdaptiveMaxPool2dRule : AdaptivePoolRule
    {
        public override string Functional(NodeCode c) => Call(c, c.In());

        private static string Call(NodeCode c, string x) => $"functional.adaptive_max_pool2d({x}, {c.PairLongs("size")})";

        public override string? Ensemble(EnsembleCode c) => c.AsChannels(folded => Call(c, folded));

        /// <summary>The tangent of the element that won each window.</summary>
        public override bool Tangent(TangentCode c)
        {
            var place = c.Local(
                "place",
                $"functional.adaptive_max_pool2d_with_indices({c.In()}, {c.PairLongs("size")}).Item2",
                ProgramFile.Round(c.Result()));
            return c.Set(c.AtPlaces(place));
        }

        /// <summary>One reduction a window, axis by axis; the windows are those of <see cref="AdaptiveAvgPool2dRule"/>.</summary>
        internal override string? Onnx(OnnxCode c)
        {
            if (OnnxWhole(c, "MaxPool", "GlobalMaxPool") is { } pooled) return pooled;
            var (x, size) = (c.X, c.Lengths("size"));
            for (var axis = 2; axis < 4; axis++)
            {
                var (from, to, source) = (c.Shape()[axis], size[axis - 2], x);
                var largest = Enumerable.Range(0, (int)to).Select(i => c.Largest(Window(source, axis, i), keep: true, axis)).ToList();
                x = largest.Count == 1 ? largest[0] : c.Add("Concat", largest, ("axis", (long)axis));

                string Window(string whole, int along, int i)
                {
                    var start = c.Sizes.Vector((i * from).FloorDiv(to));
                    var end = c.Sizes.Vector((((i + 1) * from) + (to - 1)).FloorDiv(to));
                    return c.Add("Slice", [whole, start, end, c.Builder.Integers(along)]);
                }
            }
            return x;
        }
    }
}
