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
    internal sealed class ConvTranspose2dRule() : ConvTransposeRule(2);
}
