using Hybrid.Rules;

namespace Hybrid
{
    public static partial class Operations
    {
        /// <summary>Largest value of each window: (B, C, D, H, W) → (B, C, ⌊(D + 2·pad − k)/stride⌋ + 1, …).</summary>
        /// <param name="x">(B, C, D, H, W)</param>
        /// <param name="k">Window.</param>
        /// <param name="stride">Default: k.</param>
        /// <param name="pad">Default 0; at most k/2.</param>
        /// <param name="ceil">Whether a window that hangs over the end counts.</param>
        public static Sym MaxPool3d(this Sym x, Extent3 k, Extent3 stride = default, [Means(0)] Extent3 pad = default, bool ceil = false)
            => Sym.Apply("MaxPool3d", x, k, stride, pad, ceil);
    }
}

namespace Hybrid.Rules
{
    internal sealed class MaxPool3dRule() : MaxPoolRule(3);
}
