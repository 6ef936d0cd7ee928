using System.Linq;
using Hybrid.Rules;

namespace Hybrid.Onnx;

/// <summary>
/// Operations over a symmetry group. A filter moved by the group's elements is the same numbers in other places: one Gather of the weight, which keeps its checkpoint key, by a
/// table of places. A runtime computes it once, when it loads the graph.
/// </summary>
internal static class OnnxSymmetries
{
    public static string Convolution(OnnxCode c, bool isLifting)
    {
        var (group, k, stride, pad) = (c.Read.Group(), c.Read.Integer("k"), c.Read.Integer("stride"), c.Read.Integer("pad"));
        var elements = Symmetries.Elements(group);
        var (order, pixels) = (elements.Count, k * k);
        var (fields, inputs) = (c.Number(c.Read.SizeOf("fields")), isLifting ? c.Number(c.Shape[1]) : c.Number(c.Shape[1]) / order);
        // Of element g of the result: at each element h of the input, which is read at g⁻¹h, and each pixel.
        var places = elements.SelectMany(g =>
        {
            var moved = Moved(g, (int)k);
            return isLifting ? moved : Symmetries.Behind(group, g).SelectMany(h => moved.Select(pixel => (h * pixels) + pixel));
        }).ToArray();
        var row = places.Length / order;
        var filters = c.Add("Gather", [c.Reshape(c.Weight("weight"), fields, inputs, row), c.Builder.IntegersOf([order, row], places)], ("axis", 2L)); // (fields, inputs, |G|, …)
        var kernel = c.Reshape(c.Transpose(filters, 0, 2, 1, 3), fields * order, isLifting ? inputs : inputs * order, k, k);
        var bias = c.Read.Flag("bias") ? c.Add("Gather", [c.Weight("bias"), c.Builder.Integers(Enumerable.Range(0, (int)fields * order).Select(channel => (long)(channel / order)).ToArray())]) : null;
        return c.Add("Conv", bias is null ? [c.X, kernel] : [c.X, kernel, bias], ("kernel_shape", new[] { k, k }), ("strides", new[] { stride, stride }), ("pads", new[] { pad, pad, pad, pad }));
    }

    /// <summary>For each pixel of a moved filter, row by row, the pixel that it comes from.</summary>
    private static long[] Moved(Turn turn, int k)
    {
        var from = new long[k * k];
        for (var row = 0; row < k; row++)
            for (var column = 0; column < k; column++)
            {
                // A quarter counter-clockwise: (i, j) shows what was at (j, k − 1 − i); the mirror of the columns came before.
                var (i, j) = (row, column);
                for (var quarter = 0; quarter < turn.Quarters; quarter++) (i, j) = (j, k - 1 - i);
                from[(row * k) + column] = (i * k) + (turn.Mirrors ? k - 1 - j : j);
            }
        return from;
    }

    // A field's elements share its statistics: an axis of all of them and their pixels.
    public static string BatchNorm(OnnxCode c)
    {
        var fields = c.Number(c.Shape[1]) / Symmetries.Order(c.Read.Group());
        var normal = c.Add(
            "BatchNormalization", [c.Reshape(c.X, 0, fields, -1), c.Weight("weight"), c.Weight("bias"), c.Weight("running_mean"), c.Weight("running_var")], ("epsilon", (float)c.Read.Real("eps")));
        return c.Add("Reshape", [normal, c.Add("Shape", [c.X])]);
    }

    public static string Pool(OnnxCode c)
    {
        var order = Symmetries.Order(c.Read.Group());
        var rest = c.Shape.Sizes.ToList();
        var divided = c.Add("Reshape", [c.X, c.Sizes.Shape([rest[0], rest[1].FloorDiv(order), order, .. rest.Skip(2)])]);
        return c.Read.Flag("mean") ? c.Mean(divided, keep: false, 2) : c.Add("ReduceMax", [divided], ("axes", new[] { 2L }), ("keepdims", 0L));
    }
}
