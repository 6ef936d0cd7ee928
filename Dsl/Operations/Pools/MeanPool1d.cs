using Hybrid.Rules;

namespace Hybrid
{
    public static partial class Operations
    {
        /// <summary>Global average pool of series: (B, C, L) → (B, C).</summary>
        public static Sym MeanPool1d(this Sym x) => Sym.Apply("MeanPool1d", x);
    }
}

namespace Hybrid.Rules
{
    internal sealed class MeanPool1dRule() : MeanPoolRule(1);
}
