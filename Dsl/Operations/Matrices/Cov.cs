using System.Collections.Generic;
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
        /// <summary>Covariance of the columns over the rows, divided by N − 1: (N, S) → (S, S).</summary>
        /// <param name="x">(N, S): N ≥ 2 draws of S variables.</param>
        public static Sym Cov(this Sym x) => Sym.Apply("Cov", x);
    }
}

namespace Hybrid.Rules
{
    internal sealed class CovRule : Rule
    {
        public override bool Takes(Inference inference, string parameter, ElementType element) => element == ElementType.Int64;

        public override void Infer(Inference i)
        {
            var x = i.Value();
            if (x.Shape.Rank != 2)
            {
                i.Error(
                    "HYB1004",
                    $"{i.Subject} needs rank 2 [N,S], draws by variables; {i.Describe(x)} gives rank {x.Shape.Rank} {x.Shape}. Flatten or "
                        + "squeeze it first.",
                    "x", x);
                return;
            }
            if (!i.DemandAtLeast(x.Shape[0], 2, "x", out _, out var needed))
            {
                i.Error(
                    "HYB2001",
                    $"{i.Subject} needs at least 2 draws but gets {x.Shape[0]} ({i.Describe(x)} is {x.Shape}). "
                        + $"{(needed is null ? "Give it more rows." : $"Declare Where = \"{needed.Text}\".")}",
                    "x", x);
                return;
            }
            i.Output(x.Shape.Axes[1], x.Shape.Axes[1]);
        }

        public override string Functional(NodeCode c) => $"torch.cov({c.In()}.transpose(0, 1))";

        /// <summary>dC = (X̃ᵀ dX + dXᵀ X̃)/(N − 1) with X̃ centred; centring dX as well would change nothing.</summary>
        public override bool Tangent(TangentCode c)
        {
            var centred = c.Local("centred", $"{c.In()} - {c.In()}.mean(new long[] {{ 0 }}, keepdim: true)", ProgramFile.Round(c.Shape()));
            var half = c.Local(
                "half",
                $"Product({centred}.transpose(0, 1), {c.TangentOf()}) / ({c.In()}.shape[0] - 1)",
                $"(K, {ProgramFile.Round(c.Result()).Substring(1)}");
            return c.Set($"{half} + {half}.transpose(-2, -1)");
        }

        public override IEnumerable<SupportMethod> Support(NodeCode c) => [Products.Method];

        public override Dim Flops(NodeCode c)
        {
            var x = c.Shape();
            return 2 * x.Elements * x[1];
        }

        /// <summary>Σ (x − x̄)(x − x̄)ᵀ / (N − 1).</summary>
        internal override string? Onnx(OnnxCode c)
        {
            var centred = c.Subtract(c.X, c.Mean(c.X, keep: true, 0));
            var product = c.Add("MatMul", [c.Transpose(centred, 1, 0), centred]);
            return c.Divide(product, c.Add("Cast", [c.Sizes.Vector(c.Shape()[0] - 1)], ("to", 1L)));
        }
    }
}
