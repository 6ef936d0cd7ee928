using Hybrid.Rules;

namespace Hybrid
{
    public static partial class Operations
    {
        /// <summary>
        /// Convolution over a symmetry group and the pixels: (B, inputs·|G|, H, W) → (B, fields·|G|, ⌊(H + 2·pad − k)/stride⌋ + 1, …).
        /// Turning the image that was lifted turns the result and permutes the elements of each field, exactly. Cohen and Welling 2016, eq.
        /// 11.
        /// </summary>
        /// <param name="x">Fields of the same group: from <see cref="LiftConv2d"/> or this.</param>
        /// <param name="fields">Filters; channels come out in |G| times their number.</param>
        /// <param name="k">Kernel size.</param>
        /// <param name="group">The symmetries.</param>
        /// <param name="stride">Default 1; divides H + 2·pad − k and W + 2·pad − k, so that a turned image is sampled at the same
        /// pixels.</param>
        /// <param name="pad">Zeros on each side; default 0.</param>
        /// <param name="bias">Whether a bias is added, one for each field.</param>
        /// <param name="weightInit">Default: U(±1/√(inputs·|G|·k²)), PyTorch's of a convolution.</param>
        /// <param name="key">Pins the checkpoint key.</param>
        public static Sym GroupConv2d(
            this Sym x,
            [Size] int fields,
            int k,
            Symmetry group,
            int stride = 1,
            int pad = 0,
            bool bias = true,
            Init weightInit = default,
            string? key = null)
            => Sym.Apply("GroupConv2d", x, fields, k, group, stride, pad, bias, weightInit, key);
    }

    public sealed partial class Layer
    {
        /// <inheritdoc cref="Operations.GroupConv2d"/>
        public static Layer GroupConv2d(
            int fields,
            int k,
            Symmetry group,
            int stride = 1,
            int pad = 0,
            bool bias = true,
            Init weightInit = default,
            string? key = null)
            => new("GroupConv2d", fields, k, group, stride, pad, bias, weightInit, key);
    }
}

namespace Hybrid.Rules
{
    internal sealed class GroupConv2dRule() : GroupConvolutionRule(isLifting: false);
}
