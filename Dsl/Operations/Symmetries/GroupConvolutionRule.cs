using System.Collections.Generic;
using System.Linq;
using Hybrid.Algebra;
using Hybrid.Graphs;
using Hybrid.Onnx;
using Hybrid.Programs;

namespace Hybrid.Rules;

/// <summary>A convolution whose result is fields of a symmetry group, and turns with its input.</summary>
/// <param name="isLifting">Whether its input is an image, not fields.</param>
internal abstract class GroupConvolutionRule(bool isLifting) : Rule
{
    public override bool IsResultFree => true;

    public override void Infer(Inference i)
    {
        if (!i.TryImages() || !i.RequireSize("fields") || !i.RequireWindow(("k", 1), ("stride", 1), ("pad", 0))) return;
        if (
            isLifting
                ? !i.RequireNoFields("takes images; it would read each channel separately", "Use GroupConv2d(…, Symmetry.{0})")
                : !i.TryFields())
        {
            return;
        }
        var (x, order) = (i.Shape(), Symmetries.Order(i.Group()));
        var (fields, k, stride, pad) = (i.Size("fields"), i.Integer("k"), i.Integer("stride"), i.Integer("pad"));
        var sizes = new List<Dim>();
        foreach (var (axis, axisName) in new[] { (2, "height"), (3, "width") })
        {
            if (i.Windows(axis, k, stride, pad, 1, ceil: false, axisName) is not { } size) return;
            if (!i.RequireEvenWindows(x[axis], x[axis] + (2 * pad) - k, stride, axisName, ", or a stride of 1 and a pool")) return;
            sizes.Add(size);
        }
        Dim[] inputs = isLifting ? [x[1]] : [x[1].FloorDiv(order), order];
        var fanIn = inputs.Aggregate((Dim)(k * k), (product, size) => product * size);
        i.Weight("weight", Shape.Of([fields, .. inputs.Select(size => new Axis(size)), k, k]), fanIn, i.Init("weightInit"));
        if (i.Flag("bias")) i.Weight("bias", Shape.Of(fields), fanIn);
        var shape = x.WithSpatial(sizes);
        i.Output(shape.Axes[0], new Axis(order * fields, AxisRole.Channel, Fields.Of(i.Group())), shape.Axes[2], shape.Axes[3]);
    }

    private string Call(NodeCode c, string x, bool hasBias)
    {
        var order = Symmetries.Order(c.Group());
        var code = $"functional.conv2d({x}, {(isLifting ? "LiftedBy" : "MovedBy")}{c.Group()}({c.Weight("weight")}), "
            + $"{(hasBias ? $"{c.Weight("bias")}.unsqueeze(1).expand(-1, {order}).flatten()" : "null")}";
        if (!c.IsDefault("stride")) code += $", strides: {NodeCode.Longs(c.Integer("stride"), c.Integer("stride"))}";
        if (!c.IsDefault("pad")) code += $", padding: {NodeCode.Longs(c.Integer("pad"), c.Integer("pad"))}";
        return code + ")";
    }

    public override string Functional(NodeCode c) => Call(c, c.In(), c.Flag("bias"));

    /// <summary>Linear in its input: the directions as more images of one batch.</summary>
    public override bool Tangent(TangentCode c) => c.Set(c.AsBatch(folded => Call(c, folded, hasBias: false)));

    public override IEnumerable<SupportMethod> Support(NodeCode c)
        => isLifting ? Symmetries.Lifting(c.Group()) : Symmetries.Convolving(c.Group());

    public override Dim Flops(NodeCode c)
    {
        var weight = c.ShapeOf("weight");
        return 2 * c.Result().Elements * weight.Sizes.Skip(1).Aggregate(Dim.One, (product, size) => product * size);
    }

    /// <summary>
    /// A filter moved by the group's elements is the same numbers in other places: one Gather of the weight, which keeps its checkpoint
    /// key, by a table of places. A runtime computes it once, when it loads the graph.
    /// </summary>
    internal override string? Onnx(OnnxCode c)
    {
        var (group, k, stride, pad) = (c.Group(), c.Integer("k"), c.Integer("stride"), c.Integer("pad"));
        var elements = Symmetries.Elements(group);
        var (order, pixels) = (elements.Count, k * k);
        var (fields, inputs) = (c.Known(c.SizeOf("fields")), isLifting ? c.Known(c.Shape()[1]) : c.Known(c.Shape()[1]) / order);
        // Of element g of the result: at each element h of the input, which is read at g⁻¹h, and each pixel.
        var places = elements.SelectMany(g =>
        {
            var moved = Moved(g, (int)k);
            return isLifting ? moved : Symmetries.PlacesFrom(group, g).SelectMany(h => moved.Select(pixel => (h * pixels) + pixel));
        }).ToArray();
        var row = places.Length / order;
        var byField = c.Reshape(c.Weight("weight"), fields, inputs, row);
        var filters = c.Add("Gather", [byField, c.Builder.IntegersOf([order, row], places)], ("axis", 2L)); // (fields, inputs, |G|, …)
        var kernel = c.Reshape(c.Transpose(filters, 0, 2, 1, 3), fields * order, isLifting ? inputs : inputs * order, k, k);
        List<string> read = [c.X, kernel];
        if (c.Flag("bias"))
        {
            var fieldOfChannel = Enumerable.Range(0, (int)fields * order).Select(channel => (long)(channel / order)).ToArray();
            read.Add(c.Add("Gather", [c.Weight("bias"), c.Builder.Integers(fieldOfChannel)]));
        }
        return c.Add(
            "Conv", read, ("kernel_shape", new[] { k, k }), ("strides", new[] { stride, stride }), ("pads", new[] { pad, pad, pad, pad }));
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
}
