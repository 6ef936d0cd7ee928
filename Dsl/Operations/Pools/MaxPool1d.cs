using Hybrid.Rules;

namespace Hybrid
{
    public static partial class Operations
    {
        /// <summary>Largest value of each window: (B, C, L) → (B, C, ⌊(L + 2·pad − k)/stride⌋ + 1).</summary>
        /// <param name="x">(B, C, L)</param>
        /// <param name="k">Window.</param>
        /// <param name="stride">Default: k.</param>
        /// <param name="pad">Default 0; at most k/2.</param>
        /// <param name="ceil">Whether a window that hangs over the end counts.</param>
        public static Sym MaxPool1d(this Sym x, int k, int? stride = null, int pad = 0, bool ceil = false)
            => Sym.Apply("MaxPool1d", x, k, stride, pad, ceil);
    }
}

namespace Hybrid.Rules
{
    internal sealed class MaxPool1dRule() : MaxPoolRule(1);
}
