using Hybrid.Rules;

namespace Hybrid
{
    public static partial class Operations
    {
        /// <summary>
        /// Lifting convolution: an image's response to each filter turned and mirrored by each element of a symmetry group: (B, C, H, W) →
        /// (B, fields·|G|, ⌊(H + 2·pad − k)/stride⌋ + 1, …), the elements of a field side by side. Turning the image turns the result and
        /// permutes the elements, exactly. Cohen and Welling 2016, eq. 10.
        /// </summary>
        /// <param name="x">(B, C, H, W)</param>
        /// <param name="fields">Filters; channels come out in |G| times their number.</param>
        /// <param name="k">Kernel size.</param>
        /// <param name="group">The symmetries.</param>
        /// <param name="stride">Default 1; divides H + 2·pad − k and W + 2·pad − k, so that a turned image is sampled at the same
        /// pixels.</param>
        /// <param name="pad">Zeros on each side; default 0.</param>
        /// <param name="bias">Whether a bias is added, one for each field.</param>
        /// <param name="weightInit">Default: U(±1/√(C·k²)), PyTorch's of a convolution.</param>
        /// <param name="key">Pins the checkpoint key.</param>
        public static Sym LiftConv2d(
            this Sym x,
            [Size] int fields,
            int k,
            Symmetry group,
            int stride = 1,
            int pad = 0,
            bool bias = true,
            Init weightInit = default,
            string? key = null)
            => Sym.Apply("LiftConv2d", x, fields, k, group, stride, pad, bias, weightInit, key);
    }

    public sealed partial class Layer
    {
        /// <inheritdoc cref="Operations.LiftConv2d"/>
        public static Layer LiftConv2d(
            int fields,
            int k,
            Symmetry group,
            int stride = 1,
            int pad = 0,
            bool bias = true,
            Init weightInit = default,
            string? key = null)
            => new("LiftConv2d", fields, k, group, stride, pad, bias, weightInit, key);
    }
}

namespace Hybrid.Rules
{
    internal sealed class LiftConv2dRule() : GroupConvolutionRule(isLifting: true);
}
