using Hybrid.Algebra;
using Hybrid.Graphs;
using Hybrid.Onnx;
using Hybrid.Programs;
using Hybrid.Rules;

namespace Hybrid
{
    public static partial class Operations
    {
        /// <summary>Mean binary cross-entropy of probabilities: −t ln p − (1 − t) ln(1 − p), logarithms not below −100.</summary>
        /// <param name="probability">Any shape, in [0, 1]: after Sigmoid, or an input marked [Probability].</param>
        /// <param name="target">The same shape; probabilities of "yes", 0 or 1 mostly.</param>
        public static Sym Bce(this Sym probability, Sym target) => Sym.Apply("Bce", probability, target);
    }
}

namespace Hybrid.Rules
{
    internal sealed class BceRule() : LossRule(flopsPerElement: 6)
    {
        protected override bool Check(Inference i)
            => i.Shape(Prediction).Domain is Domain.Probability or Domain.Distribution
                || i.Error(
                    "HYB3004",
                    $"{i.Subject} needs probabilities; {i.Describe(i.Value(Prediction))} is not known to be in [0, 1]. Use BceWithLogits, "
                        + "apply .Sigmoid() before, or mark the input [Probability].",
                    Prediction, i.Value(Prediction))
                || i.Offer(EditKind.Rename, "BceWithLogits", i.Call) || i.Offer(EditKind.Append, ".Sigmoid()");

        protected override string Function => "binary_cross_entropy";

        public override string Functional(NodeCode c) => $"functional.{Function}({c.In(Prediction)}, {c.In("target")})";

        public override bool Tangent(TangentCode c)
        {
            var (p, t) = (c.In(Prediction), c.In("target"));
            return SetSum(
                c,
                c.TangentOf(Prediction) is { } dp ? $"(({p} - {t}) / ({p} * (1 - {p}))) * {dp}" : null,
                c.TangentOf("target") is { } dt ? $"((1 - {p}).log() - {p}.log()) * {dt}" : null);
        }

        internal override string? Onnx(OnnxCode c)
        {
            var (p, t, one) = (c.InReal(Prediction), c.InReal("target"), c.Builder.Single(1));
            string Log(string x) => c.Add("Max", [c.Add("Log", [x]), c.Builder.Single(-100)]);
            var sum = c.Add(c.Multiply(t, Log(p)), c.Multiply(c.Subtract(one, t), Log(c.Subtract(one, p))));
            return OnnxMean(c, c.Add("Neg", [sum]), c.Shape(Prediction).Rank);
        }
    }
}
