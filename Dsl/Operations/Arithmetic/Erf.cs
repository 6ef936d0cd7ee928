using System;
using Hybrid.Graphs;
using Hybrid.Onnx;
using Hybrid.Programs;
using Hybrid.Rules;

namespace Hybrid
{
    public static partial class Operations
    {
        /// <summary>Error function 2/√π ∫₀ˣ e^(−t²) dt of each element, in (−1, 1).</summary>
        public static Sym Erf(this Sym x) => Sym.Apply("Erf", x);
    }
}

namespace Hybrid.Rules
{
    internal sealed class ErfRule : UnaryRule
    {
        protected override Domain Image(Domain of) => of is Domain.Positive or Domain.NonNegative ? of : Domain.Any;

        protected override ElementType? Of(Inference i, ElementType element) => ElementType.Real;

        public override string Functional(NodeCode c) => $"{c.In()}.erf()";

        /// <summary>2/√π e^(−x²).</summary>
        protected override string Slope(TangentCode c) => $"{CSharpText.Literal(2 / Math.Sqrt(Math.PI))} * (-{c.In()}.square()).exp()";

        internal override string? Onnx(OnnxCode c) => c.Add("Erf", [c.X]);
    }
}
