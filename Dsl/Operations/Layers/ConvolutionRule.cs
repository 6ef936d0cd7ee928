using System.Collections.Generic;
using System.Linq;
using Hybrid.Algebra;
using Hybrid.Graphs;
using Hybrid.Onnx;
using Hybrid.Programs;

namespace Hybrid.Rules;

/// <summary>A convolution over one, two or three axes.</summary>
/// <param name="spatial">How many axes.</param>
internal abstract class ConvolutionRule(int spatial) : Rule
{
    public override void Infer(Inference i)
    {
        if (!i.TryMaps(spatial) || !i.RequireSize("channels") || !i.RequireSize("groups")) return;
        if (!i.RequireWindow(("k", 1), ("stride", 1), ("pad", 0), ("dilation", 1))) return;
        if (!i.TryChannels()
            || !i.RequirePaddingOnce()
            || !i.RequireNoFields(
                "takes each channel separately",
                "Use GroupConv2d(…, Symmetry.{0}), or put .GroupPool(Symmetry.{0}) before it, or .ReinterpretUnsafe() if that is intended"))
        {
            return;
        }
        var x = i.Shape();
        var (inputs, channels, groups) = (x[1], i.Size("channels"), i.Integer("groups"));
        var (k, stride, pad, dilation) = (
            i.Argument("k").Along, i.Argument("stride").Along, i.Argument("pad").Along, i.Argument("dilation").Along);
        var sizes = new List<Dim>();
        for (var n = 0; n < spatial; n++)
        {
            var size = i.Flag("same")
                ? x[n + 2].CeilDiv(stride[n])
                : i.Windows(n + 2, k[n], stride[n], pad[n], dilation[n], ceil: false, Maps.Names(spatial)[n]);
            if (size is null) return;
            sizes.Add(size);
        }
        i.Weight("weight", i.Init("weightInit"), [channels, inputs.FloorDiv(groups), .. k.Select(size => (Dim)size)]);
        if (i.Flag("bias")) i.Weight("bias", i.Init("biasInit"), channels);
        var shape = x.WithSpatial(sizes);
        i.Output(
            [Convolutions.Batch(shape.Axes[0]), new Axis(channels, AxisRole.Channel, Fields.None), .. shape.Axes.Skip(2)
                .Select(axis => Convolutions.Space(axis, axis.Size))]);
    }

    public override bool IsResultFree => true;

    public override LayerCode Layer(NodeCode c) => Convolutions.Layer(c, $"Conv{spatial}d");

    public override string Forward(NodeCode c, string layer) => $"{layer}.forward({Convolutions.Padded(c, c.In())})";

    public override string Functional(NodeCode c)
        => Convolutions.Call(c, $"conv{spatial}d", Convolutions.Padded(c, c.In()), c.Flag("bias") ? c.Weight("bias") : "null");

    public override IEnumerable<SupportMethod> Support(NodeCode c) => Convolutions.Support(c);

    /// <summary>One convolution whose groups are the members'.</summary>
    public override string? Ensemble(EnsembleCode c) => Convolutions.Ensemble(c, $"conv{spatial}d");

    /// <summary>The directions as more examples of one batch.</summary>
    public override bool Tangent(TangentCode c)
        => c.Set(c.AsBatch(folded => Convolutions.Call(c, $"conv{spatial}d", Convolutions.Padded(c, folded), "null")));

    public override PerturbedLayer Flipout(NodeCode c)
        => Convolutions.Flipout(
            c, spatial switch { 1 => FlipoutLayers.Conv1d, 2 => FlipoutLayers.Conv2d, _ => FlipoutLayers.Conv3d }, $"conv{spatial}d");

    public override Dim Flops(NodeCode c)
    {
        var weight = c.ShapeOf("weight");
        return 2 * c.Result().Elements * weight.Sizes.Skip(1).Aggregate(Dim.One, (product, size) => product * size);
    }

    internal override string? Onnx(OnnxCode c)
    {
        var (x, pads, auto) = (c.X, (long[]?)OnnxWindows.Both(c.Lengths("pad")), (string?)null);
        if (c.Flag("same"))
        {
            var missing = c.Lengths("k").Zip(c.Lengths("dilation"), (k, dilation) => dilation * (k - 1)).ToArray();
            // An odd zero goes after: ONNX's "upper", which onnxruntime has without dilation only.
            if (c.Lengths("stride").All(stride => stride == 1))
                pads = [.. missing.Select(zeros => zeros / 2), .. missing.Select(zeros => zeros - (zeros / 2))];
            else if (c.Lengths("dilation").All(dilation => dilation == 1)) (pads, auto) = (null, "SAME_UPPER");
            else x = PaddedToSame(c);
        }
        return c.Add(
            "Conv",
            [x, .. Convolutions.OnnxInputs(c).Skip(1)],
            ("kernel_shape", c.Lengths("k")),
            ("strides", c.Lengths("stride")),
            ("dilations", c.Lengths("dilation")),
            ("group", c.Integer("groups")),
            ("pads", pads),
            ("auto_pad", auto));
    }

    /// <summary>Zeros so that the windows count ⌈size/stride⌉, from the size as it is when the graph runs.</summary>
    private static string PaddedToSame(OnnxCode c)
    {
        var (k, stride, dilation) = (c.Lengths("k"), c.Lengths("stride"), c.Lengths("dilation"));
        var before = new List<string> { c.Builder.Integers(0, 0) };
        var after = new List<string> { c.Builder.Integers(0, 0) };
        for (var n = 0; n < k.Length; n++)
        {
            var size = c.Shape()[n + 2];
            var span = ((size.CeilDiv(stride[n]) - 1) * stride[n]) + (dilation[n] * (k[n] - 1)) + 1;
            var missing = c.Add("Max", [c.Sizes.Vector(span - size), c.Builder.Integers(0)]);
            before.Add(c.Divide(missing, c.Builder.Integers(2)));
            after.Add(c.Subtract(missing, before[before.Count - 1]));
        }
        return c.Add("Pad", [c.X, c.Add("Concat", [.. before, .. after], ("axis", 0L))]);
    }
}
