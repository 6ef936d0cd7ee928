using System.Collections.Generic;
using Hybrid.Graphs;
using Hybrid.Rules;

namespace Hybrid
{
    public static partial class Operations
    {
        /// <summary>
        /// Times before and after series: (B, C, L) → (B, C, before + L + after), zeros or the series' own. Zeros before alone make a
        /// convolution causal: <c>x.Pad1d(2).Conv1d(16, k: 3)</c> sees no later time.
        /// </summary>
        /// <param name="x">(B, C, L)</param>
        /// <param name="before">How many before the first time.</param>
        /// <param name="after">How many after the last; default none.</param>
        /// <param name="mode">What they hold; zeros by default.</param>
        public static Sym Pad1d(this Sym x, int before, int after = 0, Padding mode = Padding.Zeros)
            => Sym.Apply("Pad1d", x, before, after, mode);
    }
}

namespace Hybrid.Rules
{
    internal sealed class Pad1dRule() : PaddingRule(1)
    {
        protected override string[] Parameters => ["before", "after"];

        protected override (IReadOnlyList<int> Before, IReadOnlyList<int> After) Amounts(System.Func<string, Argument> argument)
            => (argument("before").Along, argument("after").Along);
    }
}
