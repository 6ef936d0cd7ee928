using System;
using System.Linq;
using Hybrid.Algebra;

namespace Hybrid.Onnx;

/// <summary>
/// Pools to a given size. Window i of an axis is from ⌊i·from/to⌋ to ⌈(i + 1)·from/to⌉, so that windows overlap where the size does not divide; where the size is open, they are
/// computed from it when the graph runs.
/// </summary>
internal static class OnnxAdaptive
{
    public static string AvgPool(OnnxCode c)
    {
        if (Windows(c, "AveragePool", "GlobalAveragePool") is { } pooled) return pooled;
        // Means over windows of different sizes are products with two matrices: rows first, then columns.
        var size = c.Along("size");
        var rows = c.Add("MatMul", [Means(c, c.Shape[2], size[0]), c.X]);
        return c.Add("MatMul", [rows, c.Transpose(Means(c, c.Shape[3], size[1]), 1, 0)]);
    }

    public static string MaxPool(OnnxCode c)
    {
        if (Windows(c, "MaxPool", "GlobalMaxPool") is { } pooled) return pooled;
        var (x, size) = (c.X, c.Along("size"));
        for (var axis = 2; axis < 4; axis++)
        {
            var (from, to, source) = (c.Shape[axis], size[axis - 2], x);
            var largest = Enumerable.Range(0, (int)to).Select(i => c.Add(
                "ReduceMax",
                [c.Add("Slice", [source, c.Sizes.Vector((i * from).FloorDiv(to)), c.Sizes.Vector((((i + 1) * from) + (to - 1)).FloorDiv(to)), c.Builder.Integers(axis)])],
                ("axes", new long[] { axis }), ("keepdims", 1L))).ToList();
            x = largest.Count == 1 ? largest[0] : c.Add("Concat", largest, ("axis", (long)axis));
        }
        return x;
    }

    /// <summary>An ordinary pool, where one does it.</summary>
    private static string? Windows(OnnxCode c, string pool, string whole)
    {
        var size = c.Along("size");
        if (size.All(n => n == 1)) return c.Add(whole, [c.X]);
        if (!c.Shape[2].TryConstant(out var height) || !c.Shape[3].TryConstant(out var width) || height % size[0] != 0 || width % size[1] != 0) return null;
        var window = new[] { height / size[0], width / size[1] };
        return c.Add(pool, [OnnxWindows.Apart(c, c.X)], ("kernel_shape", window), ("strides", window));
    }

    /// <summary>The matrix (to, from) of the means.</summary>
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
        string Column(Func<long, long> value) => c.Builder.IntegersOf([to, 1], Enumerable.Range(0, (int)to).Select(i => value(i)).ToArray());
        var (size, number, place) = (c.Sizes.Vector(from), c.Builder.Integers(to), c.Count(from));
        var start = c.Divide(c.Multiply(Column(i => i), size), number);
        var end = c.Divide(c.Add(c.Multiply(Column(i => i + 1), size), c.Builder.Integers(to - 1)), number);
        var inside = c.Add("And", [c.Add("GreaterOrEqual", [place, start]), c.Add("Less", [place, end])]);
        return c.Divide(c.Add("Cast", [inside], ("to", 1L)), c.Add("Cast", [c.Subtract(end, start)], ("to", 1L)));
    }
}
