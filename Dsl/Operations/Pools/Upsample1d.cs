using Hybrid.Rules;

namespace Hybrid
{
    public static partial class Operations
    {
        /// <summary>Enlarges series by whole factors: (B, C, L) → (B, C, factor·L).</summary>
        /// <param name="x">(B, C, L)</param>
        /// <param name="factor">Of the length, at least 1.</param>
        /// <param name="linear">Interpolates between the centres of times (PyTorch's align_corners: false); otherwise each is
        /// repeated.</param>
        public static Sym Upsample1d(this Sym x, int factor, bool linear = false) => Sym.Apply("Upsample1d", x, factor, linear);
    }
}

namespace Hybrid.Rules
{
    internal sealed class Upsample1dRule() : EnlargingRule(1, "linear");
}
