using Hybrid.Algebra;
using Hybrid.Graphs;
using Hybrid.Onnx;
using Hybrid.Programs;
using Hybrid.Rules;

namespace Hybrid
{
    public static partial class Operations
    {
        /// <summary>Running sum along an axis: each element with those before it.</summary>
        /// <param name="x">Any shape but a scalar.</param>
        /// <param name="axis">Default: the last.</param>
        public static Sym CumSum(this Sym x, int axis = -1) => Sym.Apply("CumSum", x, axis);
    }
}

namespace Hybrid.Rules
{
    internal sealed class CumSumRule : Rule
    {
        public override bool Takes(Inference inference, string parameter, ElementType element) => true;

        public override void Infer(Inference i)
        {
            var x = i.Shape();
            if (!i.TryAxis(i.Integer("axis"), x.Rank, "axis", out _)) return;
            // Truth values are counted.
            var element = x.Element == ElementType.Bool ? ElementType.Int64 : x.Element;
            var domain = x.Domain == Domain.Positive ? x.Domain : x.Domain == Domain.Any ? Domain.Any : Domain.NonNegative;
            i.Output(x with { Element = element, Domain = domain });
        }

        private static string Sum(NodeCode c, string tensor) => $"{tensor}.cumsum({c.FromEnd("axis")})";

        public override string Functional(NodeCode c) => Sum(c, c.In());

        public override string? Ensemble(EnsembleCode c) => Sum(c, c.In());

        public override bool Tangent(TangentCode c) => c.Set(Sum(c, c.TangentOf()!));

        public override Dim Flops(NodeCode c) => c.Shape().Elements;

        internal override string? Onnx(OnnxCode c) => c.Add("CumSum", [c.X, c.Builder.Integer(c.Axis("axis", c.Shape().Rank))]);
    }
}
