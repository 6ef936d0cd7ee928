using Hybrid.Rules;

namespace Hybrid
{
    public static partial class Operations
    {
        /// <summary>Largest value of each window: (B, C, H, W) → (B, C, ⌊(H + 2·pad − k)/stride⌋ + 1, …).</summary>
        /// <param name="x">(B, C, H, W)</param>
        /// <param name="k">Window.</param>
        /// <param name="stride">Default: k.</param>
        /// <param name="pad">Default 0; at most k/2.</param>
        /// <param name="ceil">Whether a window that hangs over the end counts.</param>
        public static Sym MaxPool2d(this Sym x, Extent k, Extent stride = default, [Means(0)] Extent pad = default, bool ceil = false)
            => Sym.Apply("MaxPool2d", x, k, stride, pad, ceil);
    }
}

namespace Hybrid.Rules
{
    internal sealed class MaxPool2dRule() : MaxPoolRule(2);
}
