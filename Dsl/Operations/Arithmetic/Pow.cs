using Hybrid.Graphs;
using Hybrid.Onnx;
using Hybrid.Programs;
using Hybrid.Rules;

namespace Hybrid
{
    public static partial class Operations
    {
        /// <summary>x^exponent of each element.</summary>
        public static Sym Pow(this Sym x, double exponent) => Sym.Apply("Pow", x, exponent);
    }
}

namespace Hybrid.Rules
{
    internal sealed class PowRule : UnaryRule
    {
        protected override bool Check(Inference i) => i.RequireWholeDifference(i.Value());

        protected override Domain Image(Domain of) => of is Domain.Positive or Domain.NonNegative ? of : Domain.Any;

        protected override ElementType? Of(Inference i, ElementType element) => ElementType.Real;

        public override string Functional(NodeCode c) => $"{c.In()}.pow({c.Number("exponent")})";

        protected override string Slope(TangentCode c)
            => $"{c.Number("exponent")} * {c.In()}.pow({c.Number("exponent", exponent => exponent - 1, "{0} - 1")})";

        internal override string? Onnx(OnnxCode c) => c.Add("Pow", [c.X, c.Builder.Single(c.Real("exponent"))]);
    }
}
