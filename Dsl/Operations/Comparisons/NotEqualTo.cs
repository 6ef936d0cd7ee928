using Hybrid.Graphs;
using Hybrid.Onnx;
using Hybrid.Programs;
using Hybrid.Rules;

namespace Hybrid
{
    public static partial class Operations
    {
        /// <summary>True where the two sides are different numbers.</summary>
        /// <param name="left">Any shape.</param>
        /// <param name="right">A tensor, or a number. The two broadcast.</param>
        public static Sym NotEqualTo(this Sym left, Operand right) => Sym.Apply("NotEqualTo", left, right.Given);
    }
}

namespace Hybrid.Rules
{
    internal sealed class NotEqualToRule() : ComparisonRule("NotEqualTo", "ne", "ne", "Equal")
    {
        protected override Signature Declared() => Declaration.Of(Name, typeof(Operations));

        // ONNX has no such operator.
        private protected override string Result(OnnxCode c, string compared) => c.Add("Not", [compared]);
    }
}
