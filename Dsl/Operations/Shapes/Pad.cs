using System.Collections.Generic;
using Hybrid.Graphs;
using Hybrid.Rules;

namespace Hybrid
{
    public static partial class Operations
    {
        /// <summary>Rows and columns around images: (B, C, H, W) → (B, C, H + 2·by, W + 2·by), zeros or the image's own pixels.</summary>
        /// <param name="x">(B, C, H, W)</param>
        /// <param name="by">Rows above and below, columns left and right.</param>
        /// <param name="after">Rows below and columns right, where there are others than above and left.</param>
        /// <param name="mode">What they hold; zeros by default.</param>
        public static Sym Pad(this Sym x, Extent by, Extent after = default, Padding mode = Padding.Zeros)
            => Sym.Apply("Pad", x, by, after, mode);
    }
}

namespace Hybrid.Rules
{
    internal sealed class PadRule() : PaddingRule(2)
    {
        protected override string[] Parameters => ["by", "after"];

        protected override (IReadOnlyList<int> Before, IReadOnlyList<int> After) Amounts(System.Func<string, Argument> argument)
            => (argument("by").Along, argument(argument("after") is Argument.Missing ? "by" : "after").Along);
    }
}
