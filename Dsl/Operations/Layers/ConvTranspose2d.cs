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
        /// <summary>
        /// Transposed convolution, the shape inverse of <see cref="Conv2d"/>: (B, C, H, W) → (B, channels, (H−1)·stride − 2·pad +
        /// dilation·(k−1) + outputPad + 1, …).
        /// </summary>
        /// <param name="x">(B, C, H, W)</param>
        /// <param name="channels">Channels out.</param>
        /// <param name="k">Kernel size.</param>
        /// <param name="stride">Default 1.</param>
        /// <param name="pad">Rows and columns taken away on each side; default 0.</param>
        /// <param name="outputPad">Rows and columns added at the end, fewer than stride or dilation; default 0.</param>
        /// <param name="dilation">Default 1.</param>
        /// <param name="groups">Groups of channels on their own.</param>
        /// <param name="bias">Whether a bias is added.</param>
        /// <param name="weightInit">Default: PyTorch's U(±1/√(channels·k²/groups)).</param>
        /// <param name="biasInit">Default: the same bound.</param>
        /// <param name="inputs">Pins the input channels; inferred when not given.</param>
        /// <param name="key">Pins the checkpoint key.</param>
        public static Sym ConvTranspose2d(
            this Sym x,
            [Size] int channels,
            Extent k,
            [Means(1)] Extent stride = default,
            [Means(0)] Extent pad = default,
            [Means(0)] Extent outputPad = default,
            [Means(1)] Extent dilation = default,
            int groups = 1,
            bool bias = true,
            Init weightInit = default,
            Init biasInit = default,
            [Size] int? inputs = null,
            string? key = null)
            => Sym.Apply(
                "ConvTranspose2d", x, channels, k, stride, pad, outputPad, dilation, groups, bias, weightInit, biasInit, inputs, key);
    }

    public sealed partial class Layer
    {
        /// <inheritdoc cref="Operations.ConvTranspose2d"/>
        public static Layer ConvTranspose2d(
            int channels,
            Extent k,
            Extent stride = default,
            Extent pad = default,
            Extent outputPad = default,
            Extent dilation = default,
            int groups = 1,
            bool bias = true,
            Init weightInit = default, Init biasInit = default, int? inputs = null, string? key = null)
            => new("ConvTranspose2d", channels, k, stride, pad, outputPad, dilation, groups, bias, weightInit, biasInit, inputs, key);
    }
}

namespace Hybrid.Rules
{
    internal sealed class ConvTranspose2dRule : Rule
    {
        public override bool IsResultFree => true;

        public override void Infer(Inference i)
        {
            if (!i.TryImages() || !i.RequireSize("channels") || !i.RequireSize("groups")) return;
            if (!i.RequireWindow(("k", 1), ("stride", 1), ("pad", 0), ("outputPad", 0), ("dilation", 1))) return;
            var x = i.Value();
            if (!i.TryChannels()
                || !i.RequireNoFields(
                    "takes each channel separately", "Put .GroupPool(Symmetry.{0}) before it, or .ReinterpretUnsafe() if that is intended"))
            {
                return;
            }
            var (inputs, channels, groups) = (x.Shape[1], i.Size("channels"), i.Integer("groups"));
            var (k, stride, pad, more, dilation) = (i.Pair("k"), i.Pair("stride"), i.Pair("pad"), i.Pair("outputPad"), i.Pair("dilation"));
            if (more.Height >= System.Math.Max(stride.Height, dilation.Height)
                || more.Width >= System.Math.Max(stride.Width, dilation.Width))
            {
                i.Error(
                    "HYB1026",
                    $"{i.Subject}: outputPad is {i.Argument("outputPad")}; it must be smaller than the stride {i.Argument("stride")} or "
                        + $"the dilation {i.Argument("dilation")}. Use a larger kernel or less padding for larger maps.",
                    "outputPad");
                return;
            }
            var height = Restored(i, 2, k.Height, stride.Height, pad.Height, more.Height, dilation.Height, "height");
            var width = Restored(i, 3, k.Width, stride.Width, pad.Width, more.Width, dilation.Width, "width");
            if (height is null || width is null) return;
            i.Weight("weight", i.Init("weightInit"), inputs, channels.FloorDiv(groups), k.Height, k.Width);
            if (i.Flag("bias")) i.Weight("bias", i.Init("biasInit"), channels);
            i.Output(
                Convolutions.Batch(x.Shape.Axes[0]),
                new Axis(channels, AxisRole.Channel, Fields.None),
                Convolutions.Space(x.Shape.Axes[2], height),
                Convolutions.Space(x.Shape.Axes[3], width));
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

        public override LayerCode Layer(NodeCode c) => Convolutions.Layer(c, "ConvTranspose2d");

        // TorchSharp 0.107's module adds what outputPad says of the height to both axes.
        public override string Forward(NodeCode c, string layer) => c.Along("outputPad").Distinct().Count() == 1
            ? base.Forward(c, layer)
            : Convolutions.OfLayer(c, "conv_transpose2d", layer);

        public override string Functional(NodeCode c)
            => Convolutions.Call(c, "conv_transpose2d", c.In(), c.Flag("bias") ? c.Weight("bias") : "null");

        /// <summary>One convolution whose groups are the members'.</summary>
        public override string? Ensemble(EnsembleCode c) => Convolutions.Ensemble(c, "conv_transpose2d");

        /// <summary>The directions as more images of one batch.</summary>
        public override bool Tangent(TangentCode c) => c.Set(c.AsBatch(folded => Convolutions.Call(c, "conv_transpose2d", folded, "null")));

        public override PerturbedLayer Flipout(NodeCode c) => Convolutions.Flipout(c, FlipoutLayers.ConvTranspose2d, "conv_transpose2d");

        /// <summary>Each input element meets each weight of its group.</summary>
        public override Dim Flops(NodeCode c)
        {
            var weight = c.ShapeOf("weight");
            return 2 * c.Shape().Elements * weight[1] * weight[2] * weight[3];
        }

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
}
