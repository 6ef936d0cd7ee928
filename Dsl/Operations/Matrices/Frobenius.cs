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
        /// <summary>Frobenius norm of each matrix, √Σ x²: (…, N, M) → (…). Its derivative is undefined at zero.</summary>
        public static Sym Frobenius(this Sym x) => Sym.Apply("Frobenius", x);
    }
}

namespace Hybrid.Rules
{
    internal sealed class FrobeniusRule : Rule
    {
        public override bool Takes(Inference inference, string parameter, ElementType element) => true;

        public override void Infer(Inference i)
        {
            var x = i.Value();
            if (x.Shape.Rank < 2)
            {
                i.Error(
                    "HYB1004",
                    $"{i.Subject} needs matrices [...,N,M]; {i.Describe(x)} gives rank {x.Shape.Rank} {x.Shape}. Give it a matrix.",
                    "x", x);
            }
            else i.Output(new Shape(x.Shape.Axes.Take(x.Shape.Rank - 2).ToEquatable(), ElementType.Real, Domain.NonNegative));
        }

        public override string Functional(NodeCode c) => $"{c.In()}.square().sum(new long[] {{ -2, -1 }}).sqrt()";

        public override string? Ensemble(EnsembleCode c) => Functional(c);

        /// <summary>d‖A‖ = Σ A dA / ‖A‖.</summary>
        public override bool Tangent(TangentCode c) => c.Set($"({c.In()} * {c.TangentOf()}).sum(new long[] {{ -2, -1 }}) / {c.Out}");

        public override Dim Flops(NodeCode c) => 2 * c.Shape().Elements;

        internal override string? Onnx(OnnxCode c) => c.Add("ReduceL2", [c.X], ("axes", new long[] { -2, -1 }), ("keepdims", 0L));
    }
}
