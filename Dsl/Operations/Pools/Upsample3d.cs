using Hybrid.Rules;

namespace Hybrid
{
    public static partial class Operations
    {
        /// <summary>Enlarges volumes by whole factors: (B, C, D, H, W) → (B, C, factor·D, factor·H, factor·W).</summary>
        /// <param name="x">(B, C, D, H, W)</param>
        /// <param name="factor">Of depth, height and width, at least 1.</param>
        /// <param name="trilinear">Interpolates between the centres of voxels (PyTorch's align_corners: false); otherwise each is
        /// repeated.</param>
        public static Sym Upsample3d(this Sym x, Extent3 factor, bool trilinear = false) => Sym.Apply("Upsample3d", x, factor, trilinear);
    }
}

namespace Hybrid.Rules
{
    internal sealed class Upsample3dRule() : EnlargingRule(3, "trilinear");
}
