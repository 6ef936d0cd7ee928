using Hybrid.Algebra;
using Hybrid.Graphs;
using Hybrid.Onnx;
using Hybrid.Programs;
using Hybrid.Rules;

namespace Hybrid
{
    public static partial class Operations
    {
        /// <summary>
        /// Mean negative log-likelihood of a Gaussian, up to a constant: ½ (ln σ² + (target − mean)²/σ²). Nix and Weigend 1994, eq. 3.
        /// </summary>
        /// <param name="mean">Any shape.</param>
        /// <param name="variance">σ² &gt; 0, the same shape: after Softplus or Exp, or an input marked [Positive].</param>
        /// <param name="target">The same shape.</param>
        public static Sym GaussianNll(this Sym mean, Sym variance, Sym target) => Sym.Apply("GaussianNll", mean, variance, target);
    }
}

namespace Hybrid.Rules
{
    internal sealed class GaussianNllRule : Rule
    {
        private static readonly string[] _tensors = ["mean", "variance", "target"];

        public override bool Takes(Inference inference, string parameter, ElementType element) => parameter != "mean";

        public override void Infer(Inference i)
        {
            var mean = i.Value("mean");
            foreach (var name in _tensors)
            {
                var other = i.Value(name);
                if (other.Shape.Element != ElementType.Real)
                {
                    i.Error(
                        "HYB3002",
                        $"{i.Subject}: {i.Describe(other)} holds {LossTargets.Kind(other)}; a Gaussian is compared with real numbers. "
                            + $"Remove [{other.Shape.Element}] and pass real numbers.",
                        name, other);
                    return;
                }
                var same = other.Shape.Rank == mean.Shape.Rank;
                for (var axis = 0; same && axis < mean.Shape.Rank; axis++)
                    same = i.Demand(mean.Shape[axis], other.Shape[axis], name, out _);
                if (same) continue;
                i.Error(
                    "HYB3005",
                    $"{i.Subject}: mean {mean.Shape} and {name} {other.Shape} would broadcast against each other instead of being "
                        + "compared element by element. Give both the same shape.",
                    name, mean, other);
                if (mean.Shape.Rank < other.Shape.Rank) LossTargets.Align(i, mean, "mean", other, name);
                else LossTargets.Align(i, other, name, mean, "mean");
                return;
            }
            var variance = i.Value("variance");
            if (variance.Shape.Domain != Domain.Positive)
            {
                i.Error(
                    "HYB3007",
                    $"{i.Subject}: a variance must be > 0; {i.Describe(variance)} may be zero or negative. Add .Softplus(), or mark the "
                        + "input [Positive].",
                    "variance", variance);
                i.Offer(EditKind.Append, ".Softplus()");
                return;
            }
            i.Output(new Shape(EquatableArray<Axis>.Empty, ElementType.Real, Domain.Any));
        }

        public override string Functional(NodeCode c)
            => $"({c.In("variance")}.log() + (({c.In("target")} - {c.In("mean")}).square() / {c.In("variance")})).mean() / 2";

        public override string? Ensemble(EnsembleCode c)
            => LossRule.MeanOfMember(
                c, "mean", $"({c.In("variance")}.log() + (({c.In("target")} - {c.In("mean")}).square() / {c.In("variance")}))")
                + " / 2";

        public override bool Tangent(TangentCode c)
        {
            var shape = ProgramFile.Round(c.Shape("mean"));
            var error = c.Local("error", $"({c.In("target")} - {c.In("mean")}) / {c.In("variance")}", shape);
            string? sum = null;
            if (c.TangentOf("target") is { } dt) Add($"{error} * {dt}");
            if (c.TangentOf("mean") is { } dm) Add($"-{error} * {dm}");
            if (c.TangentOf("variance") is { } dv) Add($"((1 / {c.In("variance")}) - {error}.square()) * {dv} / 2");
            return c.Set($"({sum}).flatten(1).mean(new long[] {{ 1 }})");

            void Add(string part) => sum = sum is null ? part : $"{sum} + {part}";
        }

        /// <summary>Logarithm, difference, square, quotient, sum and mean.</summary>
        public override Dim Flops(NodeCode c) => 6 * c.Shape("mean").Elements;

        internal override string? Onnx(OnnxCode c)
        {
            var (variance, error) = (c.InReal("variance"), c.Subtract(c.InReal("target"), c.InReal("mean")));
            var sum = c.Add(c.Add("Log", [variance]), c.Divide(c.Multiply(error, error), variance));
            return c.Divide(LossRule.OnnxMean(c, sum, c.Shape("mean").Rank), c.Builder.Single(2));
        }
    }
}
