using System.Collections.Generic;
using System.Linq;

namespace Hybrid.Onnx;

/// <summary>Operations on the last two axes as matrices. ONNX has a determinant, but no inverse, and the logarithm of a determinant overflows long before its value does.</summary>
internal static class OnnxMatrices
{
    /// <summary>Largest matrices that are eliminated: each column is a dozen nodes of the graph.</summary>
    private const long LargestEliminated = 128;

    /// <summary>value · 1 of the input's last two axes.</summary>
    public static string Identity(OnnxCode c, double value)
    {
        if (c.Shape[-1].TryConstant(out var n) && n <= 64)
        {
            var values = new float[n * n];
            for (var i = 0; i < n; i++) values[(i * n) + i] = (float)value;
            return c.Builder.Singles([n, n], values);
        }
        var place = c.Count(c.Shape[-1]);
        var diagonal = c.Add("Cast", [c.Add("Equal", [place, c.Unsqueeze(place, 1)])], ("to", 1L));
        return value == 1 ? diagonal : c.Multiply(diagonal, c.Builder.Single(value));
    }

    // (N, S) → Σ (x − x̄)(x − x̄)ᵀ / (N − 1)
    public static string Covariance(OnnxCode c)
    {
        var centred = c.Subtract(c.X, c.Mean(c.X, keep: true, 0));
        var product = c.Add("MatMul", [c.Transpose(centred, 1, 0), centred]);
        return c.Divide(product, c.Add("Cast", [c.Sizes.Vector(c.Shape[0] - 1)], ("to", 1L)));
    }

    /// <summary>A singular matrix gives infinities, where the module throws.</summary>
    public static string Inverse(OnnxCode c)
    {
        var n = Order(c);
        var ones = c.Add("Add", [c.Multiply(c.X, c.Builder.Single(0)), Identity(c, 1)]);
        var (eliminated, _) = Eliminated(c, c.Add("Concat", [c.X, ones], ("axis", -1L)), n);
        return c.Slice(eliminated, -1, n, 2 * n);
    }

    public static string LogDet(OnnxCode c)
    {
        var (_, pivots) = Eliminated(c, c.X, Order(c));
        var all = pivots.Count == 1 ? pivots[0] : c.Add("Concat", pivots, ("axis", -1L));
        return c.Sum(c.Add("Log", [c.Add("Abs", [all])]), keep: false, -2, -1);
    }

    private static long Order(OnnxCode c)
        => c.Shape[-1].TryConstant(out var n) && n <= LargestEliminated ? n : throw c.Refused($"of matrices of {(c.Shape[-1].IsConstant ? $"more than {LargestEliminated} rows" : $"the open size {c.Shape[-1]}")}");

    /// <summary>Gauss and Jordan's elimination with the largest pivot of each column: the first n columns of (…, n, m) become 1.</summary>
    private static (string Result, List<string> Pivots) Eliminated(OnnxCode c, string x, long n)
    {
        var rows = c.Builder.IntegersOf([n, 1], Enumerable.Range(0, (int)n).Select(row => (long)row).ToArray());
        var pivots = new List<string>();
        for (var k = 0L; k < n; k++)
        {
            var (own, zero) = (c.Add("Equal", [rows, c.Builder.Integer(k)]), c.Builder.Single(0));
            var sizes = c.Add("Where", [c.Add("Less", [rows, c.Builder.Integer(k)]), c.Builder.Single(-1), c.Add("Abs", [c.Slice(x, -1, k, k + 1)])]);
            var largest = c.Add("Equal", [rows, c.Add("ArgMax", [sizes], ("axis", -2L), ("keepdims", 1L))]); // (…, n, 1)
            var row = c.Sum(c.Add("Where", [largest, x, zero]), keep: true, -2); // (…, 1, m)
            var pivot = c.Slice(row, -1, k, k + 1);
            pivots.Add(pivot);
            var swapped = c.Add("Where", [own, row, c.Add("Where", [largest, c.Slice(x, -2, k, k + 1), x])]);
            var normal = c.Divide(row, pivot);
            x = c.Add("Where", [own, normal, c.Subtract(swapped, c.Multiply(c.Slice(swapped, -1, k, k + 1), normal))]);
        }
        return (x, pivots);
    }
}
