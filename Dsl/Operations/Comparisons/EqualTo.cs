using Hybrid.Rules;

namespace Hybrid
{
    public static partial class Operations
    {
        /// <summary>
        /// True where the two sides are the same number, which of computed real numbers is chance: compare those with &lt; and &gt;.
        /// </summary>
        /// <param name="left">Any shape.</param>
        /// <param name="right">A tensor, or a number. The two broadcast.</param>
        public static Sym EqualTo(this Sym left, Operand right) => Sym.Apply("EqualTo", left, right.Given);
    }
}

namespace Hybrid.Rules
{
    internal sealed class EqualToRule() : ComparisonRule("EqualTo", "eq", "eq", "Equal")
    {
        protected override Signature Declared() => Declaration.Of(Name, typeof(Operations));
    }
}
