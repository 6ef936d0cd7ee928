using System.Collections.Generic;
using System.Linq;
using Hybrid.Onnx;

namespace Hybrid.Rules;

/// <summary>Gauss and Jordan's elimination in ONNX, which has a determinant but no inverse.</summary>
internal static class Elimination
{
    // Each column is a dozen nodes of the graph.
    private const long MostRows = 128;

    /// <summary>The rows of the input's matrices, which must be known and not too many.</summary>
    public static long Rows(OnnxCode c)
    {
        if (!c.Shape()[-1].TryConstant(out var rows)) throw c.Refused($"of matrices of the open size {c.Shape()[-1]}");
        return rows <= MostRows ? rows : throw c.Refused($"of matrices of more than {MostRows} rows");
    }

    /// <summary>With the largest pivot of each column: the first n columns of (…, n, m) become 1.</summary>
    public static (string Result, List<string> Pivots) Of(OnnxCode c, string x, long n)
    {
        var rows = c.Builder.IntegersOf([n, 1], Enumerable.Range(0, (int)n).Select(row => (long)row).ToArray());
        var pivots = new List<string>();
        for (var k = 0L; k < n; k++)
        {
            var (own, zero) = (c.Add("Equal", [rows, c.Builder.Integer(k)]), c.Builder.Single(0));
            var done = c.Add("Less", [rows, c.Builder.Integer(k)]);
            var sizes = c.Add("Where", [done, c.Builder.Single(-1), c.Add("Abs", [c.Slice(x, -1, k, k + 1)])]);
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
