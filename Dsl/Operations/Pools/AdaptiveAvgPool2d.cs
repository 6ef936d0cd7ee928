using System;
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
        /// <summary>Means of windows chosen so that the map becomes the given size: (B, C, H, W) → (B, C, size, size).</summary>
        public static Sym AdaptiveAvgPool2d(this Sym x, Extent size) => Sym.Apply("AdaptiveAvgPool2d", x, size);
    }
}

namespace Hybrid.Rules
{
    internal abstract class AdaptivePoolRule : Rule
    {
        public override void Infer(Inference i)
        {
            if (!i.TryImages() || !i.RequireWindow(("size", 1))) return;
            var x = i.Shape();
            i.Output(x.With(2, i.Pair("size").Height).With(3, i.Pair("size").Width));
        }

        public override Dim Flops(NodeCode c) => c.Shape().Elements;

        /// <summary>An ordinary pool, where one does it.</summary>
        protected static string? OnnxWhole(OnnxCode c, string pool, string global)
        {
            var size = c.Lengths("size");
            if (size.All(n => n == 1)) return c.Add(global, [c.X]);
            if (!c.Shape()[2].TryConstant(out var height) || !c.Shape()[3].TryConstant(out var width)) return null;
            if (height % size[0] != 0 || width % size[1] != 0) return null;
            var window = new[] { height / size[0], width / size[1] };
            return c.Add(pool, [OnnxWindows.ApartFromPad(c, c.X)], ("kernel_shape", window), ("strides", window));
        }
    }

    internal sealed class AdaptiveAvgPool2dRule : AdaptivePoolRule
    {
        public override string Functional(NodeCode c) => Call(c, c.In());

        public override string? Ensemble(EnsembleCode c) => c.AsChannels(folded => Call(c, folded));

        private static string Call(NodeCode c, string x) => $"functional.adaptive_avg_pool2d({x}, {c.PairLongs("size")})";

        public override bool Tangent(TangentCode c) => c.Set(c.AsBatch(folded => Call(c, folded)));

        /// <summary>
        /// Window i of an axis is from ⌊i·from/to⌋ to ⌈(i + 1)·from/to⌉, so that windows overlap where the size does not divide. Means over
        /// windows of different sizes are products with two matrices: rows first, then columns.
        /// </summary>
        internal override string? Onnx(OnnxCode c)
        {
            if (OnnxWhole(c, "AveragePool", "GlobalAveragePool") is { } pooled) return pooled;
            var size = c.Lengths("size");
            var rows = c.Add("MatMul", [Means(c, c.Shape()[2], size[0]), c.X]);
            return c.Add("MatMul", [rows, c.Transpose(Means(c, c.Shape()[3], size[1]), 1, 0)]);
        }

        /// <summary>The matrix (to, from) of the means; where the size is open, it is computed from it when the graph runs.</summary>
        private static string Means(OnnxCode c, Dim from, long to)
        {
            if (from.TryConstant(out var count))
            {
                var matrix = new float[to * count];
                for (var i = 0L; i < to; i++)
                {
                    var (first, last) = (i * count / to, (((i + 1) * count) + to - 1) / to);
                    for (var j = first; j < last; j++) matrix[(i * count) + j] = 1f / (last - first);
                }
                return c.Builder.Singles([to, count], matrix);
            }
            string Column(Func<long, long> value)
                => c.Builder.IntegersOf([to, 1], Enumerable.Range(0, (int)to).Select(i => value(i)).ToArray());
            var (size, number, place) = (c.Sizes.Vector(from), c.Builder.Integers(to), c.Count(from));
            var start = c.Divide(c.Multiply(Column(i => i), size), number);
            var end = c.Divide(c.Add(c.Multiply(Column(i => i + 1), size), c.Builder.Integers(to - 1)), number);
            var inside = c.Add("And", [c.Add("GreaterOrEqual", [place, start]), c.Add("Less", [place, end])]);
            return c.Divide(c.Add("Cast", [inside], ("to", 1L)), c.Add("Cast", [c.Subtract(end, start)], ("to", 1L)));
        }
    }
}
