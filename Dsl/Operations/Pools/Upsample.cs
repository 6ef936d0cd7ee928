using Hybrid.Rules;

namespace Hybrid
{
    public static partial class Operations
    {
        /// <summary>Enlarges images by whole factors: (B, C, H, W) → (B, C, factor·H, factor·W).</summary>
        /// <param name="x">(B, C, H, W)</param>
        /// <param name="factor">Of height and width, at least 1.</param>
        /// <param name="bilinear">Interpolates between the centres of pixels (PyTorch's align_corners: false); otherwise each is
        /// repeated.</param>
        public static Sym Upsample(this Sym x, Extent factor, bool bilinear = false) => Sym.Apply("Upsample", x, factor, bilinear);
    }
}

namespace Hybrid.Rules
{
    internal sealed class UpsampleRule() : EnlargingRule(2, "bilinear");
}
