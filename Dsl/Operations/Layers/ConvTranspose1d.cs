using Hybrid.Rules;

namespace Hybrid
{
    public static partial class Operations
    {
        /// <summary>
        /// Transposed convolution, the shape inverse of <see cref="Conv1d"/>: (B, C, L) → (B, channels, (L−1)·stride − 2·pad +
        /// dilation·(k−1) + outputPad + 1).
        /// </summary>
        /// <param name="x">(B, C, L)</param>
        /// <param name="channels">Channels out.</param>
        /// <param name="k">Kernel size.</param>
        /// <param name="stride">Default 1.</param>
        /// <param name="pad">Times taken away on each side; default 0.</param>
        /// <param name="outputPad">Times added at the end, fewer than stride or dilation; default 0.</param>
        /// <param name="dilation">Default 1.</param>
        /// <param name="groups">Groups of channels on their own.</param>
        /// <param name="bias">Whether a bias is added.</param>
        /// <param name="weightInit">Default: PyTorch's U(±1/√(channels·k/groups)).</param>
        /// <param name="biasInit">Default: the same bound.</param>
        /// <param name="inputs">Pins the input channels; inferred when not given.</param>
        /// <param name="key">Pins the checkpoint key.</param>
        public static Sym ConvTranspose1d(
            this Sym x,
            [Size] int channels,
            int k,
            int stride = 1,
            int pad = 0,
            int outputPad = 0,
            int dilation = 1,
            int groups = 1,
            bool bias = true,
            Init weightInit = default,
            Init biasInit = default,
            [Size] int? inputs = null,
            string? key = null)
            => Sym.Apply(
                "ConvTranspose1d", x, channels, k, stride, pad, outputPad, dilation, groups, bias, weightInit, biasInit, inputs, key);
    }

    public sealed partial class Layer
    {
        /// <inheritdoc cref="Operations.ConvTranspose1d"/>
        public static Layer ConvTranspose1d(
            int channels,
            int k,
            int stride = 1,
            int pad = 0,
            int outputPad = 0,
            int dilation = 1,
            int groups = 1,
            bool bias = true,
            Init weightInit = default, Init biasInit = default, int? inputs = null, string? key = null)
            => new("ConvTranspose1d", channels, k, stride, pad, outputPad, dilation, groups, bias, weightInit, biasInit, inputs, key);
    }
}

namespace Hybrid.Rules
{
    internal sealed class ConvTranspose1dRule() : ConvTransposeRule(1);
}
