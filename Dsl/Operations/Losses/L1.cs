using Hybrid.Algebra;
using Hybrid.Graphs;
using Hybrid.Onnx;
using Hybrid.Programs;
using Hybrid.Rules;

namespace Hybrid
{
    public static partial class Operations
    {
        /// <summary>Mean absolute error: the mean of |prediction − target|.</summary>
        /// <param name="prediction">Any shape.</param>
        /// <param name="target">The same shape.</param>
        public static Sym L1(this Sym prediction, Sym target) => Sym.Apply("L1", prediction, target);
    }
}

namespace Hybrid.Rules
{
    internal sealed class L1Rule() : LossRule(flopsPerElement: 3)
    {
        protected override string Function => "l1_loss";

        public override string Functional(NodeCode c) => $"functional.{Function}({c.In(Prediction)}, {c.In("target")})";

        public override bool Tangent(TangentCode c)
        {
            var sign = c.Local("sign", $"({c.In(Prediction)} - {c.In("target")}).sign()", ProgramFile.Round(c.Shape(Prediction)));
            return SetSum(
                c, c.TangentOf(Prediction) is { } dx ? $"{sign} * {dx}" : null, c.TangentOf("target") is { } dt ? $"-{sign} * {dt}" : null);
        }

        internal override string? Onnx(OnnxCode c)
            => OnnxMean(c, c.Add("Abs", [c.Subtract(c.InReal(Prediction), c.InReal("target"))]), c.Shape(Prediction).Rank);
    }
}
