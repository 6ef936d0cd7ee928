using Hybrid.Algebra;
using Hybrid.Graphs;
using Hybrid.Onnx;
using Hybrid.Programs;
using Hybrid.Rules;

namespace Hybrid
{
    public static partial class Operations
    {
        /// <summary>Mean squared error: the mean of (prediction − target)².</summary>
        /// <param name="prediction">Any shape.</param>
        /// <param name="target">The same shape.</param>
        public static Sym Mse(this Sym prediction, Sym target) => Sym.Apply("Mse", prediction, target);
    }
}

namespace Hybrid.Rules
{
    internal sealed class MseRule() : LossRule(flopsPerElement: 3)
    {
        protected override string Function => "mse_loss";

        public override string Functional(NodeCode c) => $"functional.{Function}({c.In(Prediction)}, {c.In("target")})";

        public override bool Tangent(TangentCode c)
        {
            var difference = c.Local("difference", $"2 * ({c.In(Prediction)} - {c.In("target")})", ProgramFile.Round(c.Shape(Prediction)));
            return SetSum(
                c,
                c.TangentOf(Prediction) is { } dx ? $"{difference} * {dx}" : null,
                c.TangentOf("target") is { } dt ? $"-{difference} * {dt}" : null);
        }

        internal override string? Onnx(OnnxCode c)
        {
            var difference = c.Subtract(c.InReal(Prediction), c.InReal("target"));
            return OnnxMean(c, c.Multiply(difference, difference), c.Shape(Prediction).Rank);
        }
    }
}
