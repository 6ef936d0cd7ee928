using Hybrid.Algebra;
using Hybrid.Graphs;

namespace Hybrid.Rules;

/// <summary>A pool over windows of an image.</summary>
internal abstract class WindowPoolRule(string name) : Rule
{
    public override Signature Signature { get; } = new(
        name,
        new("x", ParameterKind.Tensor),
        new("k", ParameterKind.Extent),
        new("stride", ParameterKind.Extent, Argument.None),
        new("pad", ParameterKind.Extent, new Argument.Pair(0, 0)),
        new("ceil", ParameterKind.Flag, new Argument.Flag(false)));

    public override void Infer(Inference i)
    {
        if (!i.TryImages() || !i.IsWindowLegal(("k", 1), ("stride", 1), ("pad", 0))) return;
        var x = i.Shape();
        var (k, pad) = (i.Pair("k"), i.Pair("pad"));
        var stride = i.IsGiven("stride") ? i.Pair("stride") : k;
        if (2 * pad.Height > k.Height || 2 * pad.Width > k.Width)
        {
            i.Error("HYB1005", $"{i.Subject}: pad is {i.Argument("pad")}; it may be at most half the kernel, k={i.Argument("k")}. Use a smaller pad.", "pad");
            return;
        }
        var height = i.Windows(2, k.Height, stride.Height, pad.Height, 1, i.Flag("ceil"), "height");
        var width = i.Windows(3, k.Width, stride.Width, pad.Width, 1, i.Flag("ceil"), "width");
        if (height is null || width is null) return;
        i.Output(new Shape(EquatableArray.Of(x.Axes[0], x.Axes[1], x.Axes[2] with { Size = height }, x.Axes[3] with { Size = width }), ElementType.Real, x.Domain));
    }

    public override Dim Flops(Node node, Graph graph)
    {
        var k = (Argument.Pair)node.Arguments[0];
        return graph.Values[node.Outputs[0]].Shape.Elements * k.Height * k.Width;
    }

    /// <summary>Window, stride, and what is not its default, as the arguments of a TorchSharp pool.</summary>
    protected static string Windows(Programs.NodeCode c, string x, string stride)
    {
        var code = $"{x}, {c.PairLongs("k")}, {stride}: {c.PairLongs(c.IsGiven("stride") ? "stride" : "k")}";
        if (!c.IsDefault("pad")) code += $", padding: {c.PairLongs("pad")}";
        if (!c.IsDefault("ceil")) code += ", ceil_mode: true";
        return code;
    }
}
