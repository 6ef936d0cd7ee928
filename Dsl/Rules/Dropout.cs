using System.Collections.Generic;
using Hybrid.Graphs;
using Hybrid.Programs;
using Hybrid.Rules;

namespace Hybrid
{
    public static partial class Operations
    {
        /// <summary>In training, zeroes each element with probability p and divides the rest by 1 − p. Srivastava et al. 2014.</summary>
        /// <param name="x">Any shape.</param>
        /// <param name="p">Default 0.5, as PyTorch's.</param>
        public static Sym Dropout(this Sym x, double p = 0.5) => Sym.Apply("Dropout", x, p);
    }
}

namespace Hybrid.Rules
{
    internal sealed class DropoutRule() : UnaryRule("Dropout", new Parameter("p", ParameterKind.Real, new Argument.Real(0.5)))
    {
        public override bool DependsOnTraining => true;

        protected override Domain Image(Domain of) => of is Domain.Positive or Domain.NonNegative ? Domain.NonNegative : Domain.Any;

        protected override bool Check(Inference i)
            => i.Real("p") is >= 0 and < 1 || i.Error("HYB1005", $"{i.Subject}: p is {i.Argument("p")}; it must be in [0, 1).", "p");

        // libtorch's product with the noise fails for other than real numbers, without noise nothing is done.
        protected override ElementType? Of(Inference i, ElementType element) => i.Real("p") == 0 ? element : null;

        public override string Functional(NodeCode c) => $"functional.dropout({c.In()}, {c.Number("p")}, {c.Training})";

        public override string? Ensemble(EnsembleCode c) => $"Dropout({c.In()}, {c.Number("p")}, {c.Training}, {c.Noise})";

        public override IEnumerable<SupportMethod> Support(NodeCode c)
        {
            yield return new SupportMethod(Variant.Ensemble, """
                /// <summary>Dropout of (M, …) with noise of each member's own, or with that of one network for all.</summary>
                private static Tensor Dropout(Tensor x, double p, bool training, global::Hybrid.MemberNoise noise)
                    => training && noise == global::Hybrid.MemberNoise.Shared
                        ? x * functional.dropout(torch.ones(x.shape[1..], dtype: x.dtype, device: x.device), p)
                        : functional.dropout(x, p, training);
                """);
        }

        /// <summary>Value and tangent pass the same mask.</summary>
        public override bool Tangent(TangentCode c)
        {
            var mask = c.Local("mask", $"functional.dropout({c.In()}.ones_like(), {c.Number("p")}, {c.Training})", ProgramFile.Round(c.Shape()));
            c.Value = $"{c.In()} * {mask}";
            return c.Set($"{c.TangentOf()} * {mask}");
        }
    }
}
