using Hybrid.Algebra;
using Hybrid.Graphs;
using Hybrid.Programs;
using Hybrid.Rules;

namespace Hybrid
{
    public static partial class Operations
    {
        /// <summary>Convolution: (B, C, H, W) → (B, channels, ⌊(H + 2·pad − dilation·(k−1) − 1)/stride⌋ + 1, …).</summary>
        /// <param name="x">(B, C, H, W)</param>
        /// <param name="channels">Channels out.</param>
        /// <param name="k">Kernel size.</param>
        /// <param name="stride">Default 1.</param>
        /// <param name="pad">Zeros on each side; default 0.</param>
        /// <param name="dilation">Default 1.</param>
        /// <param name="groups">Groups of channels convolved on their own.</param>
        /// <param name="bias">Whether a bias is added.</param>
        /// <param name="weightInit">Default: PyTorch's U(±1/√(C·k²/groups)).</param>
        /// <param name="biasInit">Default: the same bound.</param>
        /// <param name="inputs">Pins the input channels; inferred when not given.</param>
        /// <param name="key">Pins the checkpoint key.</param>
        public static Sym Conv2d(
            this Sym x, int channels, Extent k, Extent stride = default, Extent pad = default, Extent dilation = default, int groups = 1, bool bias = true,
            Init weightInit = default, Init biasInit = default, int? inputs = null, string? key = null)
            => Sym.Apply("Conv2d", x, channels, k, stride, pad, dilation, groups, bias, weightInit, biasInit, inputs, key);
    }

    public sealed partial class Layer
    {
        /// <inheritdoc cref="Operations.Conv2d"/>
        public static Layer Conv2d(
            int channels, Extent k, Extent stride = default, Extent pad = default, Extent dilation = default, int groups = 1, bool bias = true,
            Init weightInit = default, Init biasInit = default, int? inputs = null, string? key = null)
            => new("Conv2d", channels, k, stride, pad, dilation, groups, bias, weightInit, biasInit, inputs, key);
    }
}

namespace Hybrid.Rules
{
    internal sealed class Conv2dRule : Rule
    {
        public override Signature Signature { get; } = new(
            "Conv2d",
            new("x", ParameterKind.Tensor),
            new("channels", ParameterKind.Size),
            new("k", ParameterKind.Extent),
            new("stride", ParameterKind.Extent, new Argument.Pair(1, 1)),
            new("pad", ParameterKind.Extent, new Argument.Pair(0, 0)),
            new("dilation", ParameterKind.Extent, new Argument.Pair(1, 1)),
            new("groups", ParameterKind.Integer, new Argument.Size(1)),
            new("bias", ParameterKind.Flag, new Argument.Flag(true)),
            new("weightInit", ParameterKind.Init, new Argument.Initial(default)),
            new("biasInit", ParameterKind.Init, new Argument.Initial(default)),
            new("inputs", ParameterKind.Size, Argument.None),
            new("key", ParameterKind.Text, Argument.None));

        public override void Infer(Inference i)
        {
            if (!i.TryImages() || !i.IsSizeLegal("channels") || !i.IsSizeLegal("groups")) return;
            if (!i.IsWindowLegal(("k", 1), ("stride", 1), ("pad", 0), ("dilation", 1))) return;
            var x = i.Value();
            if (!i.TryChannels()) return;
            var (inputs, channels, groups) = (x.Shape[1], i.Size("channels"), i.Integer("groups"));
            var (k, stride, pad, dilation) = (i.Pair("k"), i.Pair("stride"), i.Pair("pad"), i.Pair("dilation"));
            var height = i.Windows(2, k.Height, stride.Height, pad.Height, dilation.Height, ceil: false, "height");
            var width = i.Windows(3, k.Width, stride.Width, pad.Width, dilation.Width, ceil: false, "width");
            if (height is null || width is null) return;
            i.Weight("weight", i.Init("weightInit"), channels, inputs.FloorDiv(groups), k.Height, k.Width);
            if (i.Flag("bias")) i.Weight("bias", i.Init("biasInit"), channels);
            i.Output(x.Shape.Axes[0], new Axis(channels, AxisRole.Channel), x.Shape.Axes[2] with { Size = height }, x.Shape.Axes[3] with { Size = width });
        }

        public override bool IsResultFree => true;

        public override LayerCode Layer(NodeCode c) => Convolutions.Layer(c, "Conv2d");

        public override string Functional(NodeCode c) => Convolutions.Call(c, "conv2d", c.In(), c.Flag("bias") ? c.Weight("bias") : "null");

        /// <summary>The directions as more images of one batch.</summary>
        public override bool Tangent(TangentCode c) => c.Set(c.AsBatch(folded => Convolutions.Call(c, "conv2d", folded, "null")));

        public override Dim Flops(Node node, Graph graph)
        {
            var y = graph.Values[node.Outputs[0]].Shape;
            var weight = graph.Layers[node.Layer].Weights[0].Shape;
            return 2 * y.Elements * weight[1] * weight[2] * weight[3];
        }
    }
}
