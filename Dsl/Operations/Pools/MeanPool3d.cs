using Hybrid.Rules;

namespace Hybrid
{
    public static partial class Operations
    {
        /// <summary>Global average pool of volumes: (B, C, D, H, W) → (B, C).</summary>
        public static Sym MeanPool3d(this Sym x) => Sym.Apply("MeanPool3d", x);
    }
}

namespace Hybrid.Rules
{
    internal sealed class MeanPool3dRule() : MeanPoolRule(3);
}
