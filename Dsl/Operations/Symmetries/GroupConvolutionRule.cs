using System.Collections.Generic;
using System.Linq;
using Hybrid.Algebra;
using Hybrid.Graphs;
using Hybrid.Programs;

namespace Hybrid.Rules;

/// <summary>A convolution whose result is fields of a symmetry group, and turns with its input.</summary>
/// <param name="name">The operation.</param>
/// <param name="isLifting">Whether its input is an image, not fields.</param>
internal abstract class GroupConvolutionRule(string name, bool isLifting) : Rule
{
    public override Signature Signature { get; } = new(
        name,
        new("x", ParameterKind.Tensor),
        new("fields", ParameterKind.Size),
        new("k", ParameterKind.Integer),
        new("group", ParameterKind.Choice),
        new("stride", ParameterKind.Integer, new Argument.Size(1)),
        new("pad", ParameterKind.Integer, new Argument.Size(0)),
        new("bias", ParameterKind.Flag, new Argument.Flag(true)),
        new("weightInit", ParameterKind.Init, new Argument.Initial(default)),
        new("key", ParameterKind.Text, Argument.None));

    public override bool IsResultFree => true;

    public override void Infer(Inference i)
    {
        if (!i.TryImages() || !i.IsSizeLegal("fields") || !i.IsWindowLegal(("k", 1), ("stride", 1), ("pad", 0))) return;
        if (isLifting ? !i.HoldsNoFields("takes images; it would read each channel for itself", "Use GroupConv2d(…, Symmetry.{0})") : !i.TryFields()) return;
        var (x, order) = (i.Shape(), Symmetries.Order(i.Group()));
        var (fields, k, stride, pad) = (i.Size("fields"), i.Integer("k"), i.Integer("stride"), i.Integer("pad"));
        var sizes = new List<Dim>();
        foreach (var (axis, axisName) in new[] { (2, "height"), (3, "width") })
        {
            if (i.Windows(axis, k, stride, pad, 1, ceil: false, axisName) is not { } size) return;
            if (!i.IsEven(x[axis], x[axis] + (2 * pad) - k, stride, axisName, ", or a stride of 1 and a pool")) return;
            sizes.Add(size);
        }
        Dim[] inputs = isLifting ? [x[1]] : [x[1].FloorDiv(order), order];
        var fanIn = inputs.Aggregate((Dim)(k * k), (product, size) => product * size);
        i.Weight("weight", Shape.Of([fields, .. inputs.Select(size => new Axis(size)), k, k]), fanIn, i.Init("weightInit"));
        if (i.Flag("bias")) i.Weight("bias", Shape.Of(fields), fanIn);
        var shape = x.WithSpatial(sizes);
        i.Output(shape.Axes[0], new Axis(order * fields, AxisRole.Channel, i.Group()), shape.Axes[2], shape.Axes[3]);
    }

    private string Call(NodeCode c, string x, bool hasBias)
    {
        var order = Symmetries.Order(c.Group());
        var code = $"functional.conv2d({x}, {(isLifting ? "LiftedBy" : "MovedBy")}{c.Group()}({c.Weight("weight")}), {(hasBias ? $"{c.Weight("bias")}.unsqueeze(1).expand(-1, {order}).flatten()" : "null")}";
        if (!c.IsDefault("stride")) code += $", strides: {NodeCode.Longs(c.Integer("stride"), c.Integer("stride"))}";
        if (!c.IsDefault("pad")) code += $", padding: {NodeCode.Longs(c.Integer("pad"), c.Integer("pad"))}";
        return code + ")";
    }

    public override string Functional(NodeCode c) => Call(c, c.In(), c.Flag("bias"));

    /// <summary>Linear in its input: the directions as more images of one batch.</summary>
    public override bool Tangent(TangentCode c) => c.Set(c.AsBatch(folded => Call(c, folded, hasBias: false)));

    public override IEnumerable<SupportMethod> Support(NodeCode c) => isLifting ? Symmetries.Lifting(c.Group()) : Symmetries.Convolving(c.Group());

    public override Dim Flops(Node node, Graph graph)
    {
        var weight = graph.Layers[node.Layer].Weights[0].Shape;
        return 2 * graph.Values[node.Outputs[0]].Shape.Elements * weight.Sizes.Skip(1).Aggregate(Dim.One, (product, size) => product * size);
    }
}
