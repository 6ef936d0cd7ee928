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
        /// <param name="same">Pads so that the size is ⌈size/stride⌉, an odd zero after, in place of <paramref name="pad"/>: PyTorch's and
        /// TensorFlow's "same".</param>
        /// <param name="weightInit">Default: PyTorch's U(±1/√(C·k²/groups)).</param>
        /// <param name="biasInit">Default: the same bound.</param>
        /// <param name="inputs">Pins the input channels; inferred when not given.</param>
        /// <param name="key">Pins the checkpoint key.</param>
        public static Sym Conv2d(
            this Sym x,
            [Size] int channels,
            Extent k,
            [Means(1)] Extent stride = default,
            [Means(0)] Extent pad = default,
            [Means(1)] Extent dilation = default,
            int groups = 1,
            bool bias = true,
            bool same = false,
            Init weightInit = default,
            Init biasInit = default,
            [Size] int? inputs = null,
            string? key = null)
            => Sym.Apply("Conv2d", x, channels, k, stride, pad, dilation, groups, bias, same, weightInit, biasInit, inputs, key);
    }

    public sealed partial class Layer
    {
        /// <inheritdoc cref="Operations.Conv2d"/>
        public static Layer Conv2d(
            int channels,
            Extent k,
            Extent stride = default,
            Extent pad = default,
            Extent dilation = default,
            int groups = 1,
            bool bias = true,
            bool same = false,
            Init weightInit = default, Init biasInit = default, int? inputs = null, string? key = null)
            => new("Conv2d", channels, k, stride, pad, dilation, groups, bias, same, weightInit, biasInit, inputs, key);
    }
}

namespace Hybrid.Rules
{
    internal sealed class Conv2dRule() : ConvolutionRule(2);
}
