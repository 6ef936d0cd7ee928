using Hybrid.Rules;

namespace Hybrid
{
    public static partial class Operations
    {
        /// <summary>Global average pool: (B, C, H, W) → (B, C).</summary>
        public static Sym MeanPool2d(this Sym x) => Sym.Apply("MeanPool2d", x);
    }
}

namespace Hybrid.Rules
{
    internal sealed class MeanPool2dRule() : MeanPoolRule(2);
}
