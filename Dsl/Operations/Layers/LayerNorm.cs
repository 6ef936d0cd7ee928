using System.Linq;
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
        /// Normalises the last axes of each example to mean 0 and variance 1, then scales and shifts each feature: (…, features) → (…,
        /// features). Ba et al. 2016.
        /// </summary>
        /// <param name="x">(B, …, features)</param>
        /// <param name="axes">How many of the last axes are normalised together.</param>
        /// <param name="eps">Added to the variance; PyTorch's default.</param>
        /// <param name="key">Pins the checkpoint key.</param>
        public static Sym LayerNorm(this Sym x, int axes = 1, double eps = 1e-5, string? key = null)
            => Sym.Apply("LayerNorm", x, axes, eps, key);
    }

    public sealed partial class Layer
    {
        /// <inheritdoc cref="Operations.LayerNorm"/>
        public static Layer LayerNorm(int axes = 1, double eps = 1e-5, string? key = null) => new("LayerNorm", axes, eps, key);
    }
}

namespace Hybrid.Rules
{
    internal sealed class LayerNormRule : Rule
    {
        public override bool IsResultFree => true;

        public override void Infer(Inference i)
        {
            var x = i.Value();
            var axes = i.Integer("axes");
            if (x.Shape.Rank < 2)
            {
                i.Error(
                    "HYB1004",
                    $"{i.Subject} normalises the features of each example and needs rank 2 or more [B,…,features]; {i.Describe(x)} has "
                        + $"rank {x.Shape.Rank} {x.Shape}. Give it an axis of features, or of examples: .Unsqueeze(0).",
                    "x", x);
                return;
            }
            if (axes < 1 || axes >= x.Shape.Rank)
            {
                i.Error(
                    "HYB1004",
                    $"{i.Subject} normalises the last {axes} axes; {i.Describe(x)} has rank {x.Shape.Rank} {x.Shape}, of which the first "
                        + $"is the batch. Use axes in 1..{x.Shape.Rank - 1}.",
                    "axes", x);
                return;
            }
            if (x.Shape.Rank - axes <= 1
                && !i.RequireNoFields(
                    "scales each channel separately", "Use GroupBatchNorm(Symmetry.{0}), or .ReinterpretUnsafe() if that is intended"))
            {
                return;
            }
            i.WarnOfRowwiseNorm((int)axes);
            i.WarnOfSingleNorm((int)axes, "axes");
            var sizes = x.Shape.Sizes.Skip(x.Shape.Rank - (int)axes).ToArray();
            i.Weight("weight", Init.Default, sizes);
            i.Weight("bias", Init.Default, sizes);
            i.Output(x.Shape with { Domain = Domain.Any });
        }

        private static string Normalised(NodeCode c)
            => NodeCode.Longs(c.Shape().Sizes.Skip(c.Shape().Rank - (int)c.Integer("axes")).Select(c.Size));

        public override LayerCode Layer(NodeCode c)
            => new("Modules.LayerNorm", $"nn.LayerNorm({Normalised(c)}, eps: {c.Number("eps")}, device: device, dtype: dtype)");

        public override string Functional(NodeCode c)
            => $"functional.layer_norm({c.In()}, {Normalised(c)}, {c.Weight("weight")}, {c.Weight("bias")}, {c.Number("eps")})";

        /// <summary>Normalised in one call, scaled and shifted by each member's own weights.</summary>
        public override string? Ensemble(EnsembleCode c)
        {
            string Aligned(string weight) => EnsembleCode.Aligned(c.Weight(weight), (int)c.Integer("axes"), c.Shape().Rank);
            return $"(functional.layer_norm({c.In()}, {Normalised(c)}, eps: {c.Number("eps")}) * {Aligned("weight")}) + {Aligned("bias")}";
        }

        public override bool Tangent(TangentCode c)
        {
            var axes = NodeCode.Longs(Enumerable.Range(1, (int)c.Integer("axes")).Select(axis => (long)-axis).ToArray());
            var (moving, scale) = c.Normalised(c.In(), c.TangentOf()!, axes, ProgramFile.Round(c.Shape()));
            return c.Set($"{moving} * ({scale} * {c.Weight("weight")})");
        }

        /// <summary>Mean, variance, normalisation, scale and shift: two passes of two operations and one of four.</summary>
        public override Dim Flops(NodeCode c) => 8 * c.Result().Elements;

        internal override string? Onnx(OnnxCode c)
            => c.Add(
                "LayerNormalization",
                [c.X, c.Weight("weight"), c.Weight("bias")],
                ("axis", -c.Integer("axes")),
                ("epsilon", (float)c.Real("eps")));
    }
}
