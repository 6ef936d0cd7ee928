using System.Collections.Generic;
using System.Linq;
using Hybrid.Algebra;
using Hybrid.Graphs;
using Hybrid.Onnx;
using Hybrid.Programs;

namespace Hybrid.Rules;

/// <summary>A transposed convolution over one, two or three axes.</summary>
/// <param name="spatial">How many axes.</param>
internal abstract class ConvTransposeRule(int spatial) : Rule
{
    private string Function => $"conv_transpose{spatial}d";

    public override bool IsResultFree => true;

    public override void Infer(Inference i)
    {
        if (!i.TryMaps(spatial) || !i.RequireSize("channels") || !i.RequireSize("groups")) return;
        if (!i.RequireWindow(("k", 1), ("stride", 1), ("pad", 0), ("outputPad", 0), ("dilation", 1))) return;
        var x = i.Value();
        if (!i.TryChannels()
            || !i.RequireNoFields(
                "takes each channel separately", "Put .GroupPool(Symmetry.{0}) before it, or .ReinterpretUnsafe() if that is intended"))
        {
            return;
        }
        var (inputs, channels, groups) = (x.Shape[1], i.Size("channels"), i.Integer("groups"));
        var (k, stride, pad, more, dilation) = (
            i.Argument("k").Along, i.Argument("stride").Along, i.Argument("pad").Along, i.Argument("outputPad").Along,
            i.Argument("dilation").Along);
        if (Enumerable.Range(0, spatial).Any(n => more[n] >= System.Math.Max(stride[n], dilation[n])))
        {
            i.Error(
                "HYB1026",
                $"{i.Subject}: outputPad is {i.Argument("outputPad")}; it must be smaller than the stride {i.Argument("stride")} or "
                    + $"the dilation {i.Argument("dilation")}. Use a larger kernel or less padding for larger maps.",
                "outputPad");
            return;
        }
        var sizes = new List<Dim>();
        for (var n = 0; n < spatial; n++)
        {
            if (Restored(i, n + 2, k[n], stride[n], pad[n], more[n], dilation[n], Maps.Names(spatial)[n]) is not { } size) return;
            sizes.Add(size);
        }
        i.Weight("weight", i.Init("weightInit"), [inputs, channels.FloorDiv(groups), .. k.Select(size => (Dim)size)]);
        if (i.Flag("bias")) i.Weight("bias", i.Init("biasInit"), channels);
        i.Output(
            [
                Convolutions.Batch(x.Shape.Axes[0]), new Axis(channels, AxisRole.Channel, Fields.None),
                .. sizes.Select((size, n) => Convolutions.Space(x.Shape.Axes[n + 2], size)),
            ]);
    }

    private static Dim? Restored(Inference i, int axis, long k, long stride, long pad, long more, long dilation, string name)
    {
        var size = ((i.Shape()[axis] - 1) * stride) - (2 * pad) + (dilation * (k - 1)) + more + 1;
        if (i.DemandAtLeast(size, 1, "pad", out var verdict, out _)) return size;
        i.Error(
            "HYB1005",
            $"{i.Subject} removes all of the {name}: it would be {size}{verdict.Witnessed(size, 1)}. Use less padding or a larger "
                + "kernel.",
            "pad", i.Value());
        return null;
    }

    public override LayerCode Layer(NodeCode c) => Convolutions.Layer(c, $"ConvTranspose{spatial}d");

    // TorchSharp 0.107's module adds what outputPad says of the height to all axes.
    public override string Forward(NodeCode c, string layer) => c.Along("outputPad").Distinct().Count() == 1
        ? base.Forward(c, layer)
        : Convolutions.OfLayer(c, Function, layer);

    public override string Functional(NodeCode c) => Convolutions.Call(c, Function, c.In(), c.Flag("bias") ? c.Weight("bias") : "null");

    /// <summary>One convolution whose groups are the members'.</summary>
    public override string? Ensemble(EnsembleCode c) => Convolutions.Ensemble(c, Function);

    /// <summary>The directions as more examples of one batch.</summary>
    public override bool Tangent(TangentCode c) => c.Set(c.AsBatch(folded => Convolutions.Call(c, Function, folded, "null")));

    public override PerturbedLayer Flipout(NodeCode c)
        => Convolutions.Flipout(
            c,
            spatial switch
            {
                1 => FlipoutLayers.ConvTranspose1d, 2 => FlipoutLayers.ConvTranspose2d, _ => FlipoutLayers.ConvTranspose3d,
            },
            Function);

    /// <summary>Each input element meets each weight of its group.</summary>
    public override Dim Flops(NodeCode c)
        => 2 * c.Shape().Elements * c.ShapeOf("weight").Sizes.Skip(1).Aggregate(Dim.One, (product, size) => product * size);

    internal override string? Onnx(OnnxCode c)
        => c.Add(
            "ConvTranspose",
            Convolutions.OnnxInputs(c),
            ("kernel_shape", c.Lengths("k")),
            ("strides", c.Lengths("stride")),
            ("dilations", c.Lengths("dilation")),
            ("group", c.Integer("groups")),
            ("pads", OnnxWindows.Both(c.Lengths("pad"))),
            ("output_padding", c.Lengths("outputPad")));
}
