using Hybrid.Algebra;
using Hybrid.Graphs;
using Hybrid.Onnx;
using Hybrid.Programs;
using Hybrid.Rules;

namespace Hybrid
{
    public static partial class Operations
    {
        /// <summary>Mean binary cross-entropy of logits: −t ln σ(x) − (1 − t) ln(1 − σ(x)), computed without overflow.</summary>
        /// <param name="logits">Any shape; any real numbers.</param>
        /// <param name="target">The same shape; probabilities of "yes", 0 or 1 mostly.</param>
        public static Sym BceWithLogits(this Sym logits, Sym target) => Sym.Apply("BceWithLogits", logits, target);
    }
}

namespace Hybrid.Rules
{
    internal sealed class BceWithLogitsRule() : LossRule(flopsPerElement: 6)
    {
        protected override bool Check(Inference i)
            => i.Shape(Prediction).Domain is not (Domain.Probability or Domain.Distribution)
                || i.Error(
                    "HYB3004",
                    $"{i.Subject} applies the sigmoid itself; {i.Describe(i.Value(Prediction))} is in [0, 1] already. Feed the logits, or "
                        + "use Bce.",
                    Prediction, i.Value(Prediction))
                // Of what was changed after the sigmoid, the last call is not the one to go.
                || (i.Producer(i.Value(Prediction))?.Operation != "Clamp" && i.Offer(EditKind.Unwrap, ""))
                || i.Offer(EditKind.Rename, "Bce", i.Call);

        protected override string Function => "binary_cross_entropy_with_logits";

        public override string Functional(NodeCode c) => $"functional.{Function}({c.In(Prediction)}, {c.In("target")})";

        public override bool Tangent(TangentCode c)
        {
            var residual = c.Local("residual", $"{c.In(Prediction)}.sigmoid() - {c.In("target")}", ProgramFile.Round(c.Shape(Prediction)));
            return SetSum(
                c,
                c.TangentOf(Prediction) is { } dx ? $"{residual} * {dx}" : null,
                c.TangentOf("target") is { } dt ? $"-{c.In(Prediction)} * {dt}" : null);
        }

        /// <summary>max(x, 0) − x t + ln(1 + exp(−|x|)).</summary>
        internal override string? Onnx(OnnxCode c)
        {
            var (x, t) = (c.InReal(Prediction), c.InReal("target"));
            var tail = c.Add("Softplus", [c.Add("Neg", [c.Add("Abs", [x])])]);
            return OnnxMean(c, c.Add(c.Subtract(c.Add("Relu", [x]), c.Multiply(x, t)), tail), c.Shape(Prediction).Rank);
        }
    }
}
