using Hybrid.Graphs;
using Hybrid.Onnx;
using Hybrid.Programs;
using Hybrid.Rules;

namespace Hybrid
{
    public static partial class Operations
    {
        /// <summary>1/(1 + e⁻ˣ) of each element, in (0, 1).</summary>
        public static Sym Sigmoid(this Sym x) => Sym.Apply("Sigmoid", x);
    }
}

namespace Hybrid.Rules
{
    internal sealed class SigmoidRule : UnaryRule
    {
        protected override Domain Image(Domain of) => Domain.Probability;

        protected override bool Check(Inference i)
        {
            i.WarnOfTwice();
            return true;
        }

        protected override ElementType? Of(Inference i, ElementType element) => ElementType.Real;

        public override string Functional(NodeCode c) => $"functional.sigmoid({c.In()})";

        protected override string Slope(TangentCode c) => $"{c.Out} * (1 - {c.Out})";

        internal override string? Onnx(OnnxCode c) => c.Add("Sigmoid", [c.X]);
    }
}
