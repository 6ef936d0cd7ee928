using System.Collections.Generic;
using System.Linq;
using Hybrid.Graphs;
using Hybrid.Onnx;
using Hybrid.Programs;
using Hybrid.Rules;

namespace Hybrid
{
    public static partial class Operations
    {
        /// <summary>
        /// Cholesky factor of each symmetric, positive definite matrix: the lower triangle L with L Lᵀ = A, (…, N, N). Another matrix
        /// throws when it runs.
        /// </summary>
        public static Sym Cholesky(this Sym x) => Sym.Apply("Cholesky", x);
    }
}

namespace Hybrid.Rules
{
    internal sealed class CholeskyRule : SquareMatrixRule
    {
        protected override bool GivesMatrix => true;

        public override string Functional(NodeCode c) => $"torch.linalg.cholesky({c.In()})";

        public override string? Ensemble(EnsembleCode c) => Functional(c);

        /// <summary>dL = L Φ(L⁻¹ dA L⁻ᵀ), Φ the lower triangle with half of the diagonal. Murray 2016, eq. 8.</summary>
        public override bool Tangent(TangentCode c) => c.Set($"FactorTangent({c.Out}, {c.TangentOf()})");

        public override IEnumerable<SupportMethod> Support(NodeCode c)
        {
            yield return new SupportMethod(Variant.Tangent, """
                /// <summary>The tangent of a Cholesky factor (…, N, N) along symmetric ones of its matrix (K, …, N, N).</summary>
                private static Tensor FactorTangent(Tensor factor, Tensor moved)
                {
                    var left = torch.linalg.solve_triangular(factor, moved, upper: false); // L⁻¹ dA
                    var both = torch.linalg.solve_triangular(factor, left.transpose(-2, -1), upper: false); // L⁻¹ (L⁻¹ dA)ᵀ, symmetric
                    return torch.matmul(factor, (both.tril() + both.tril(-1)) / 2);
                }
                """);
        }

        /// <summary>A third of N³ multiply-adds.</summary>
        public override Algebra.Dim Flops(NodeCode c) => c.Shape().Elements * c.Shape()[-1];

        /// <summary>Column by column: what is left of the matrix is A − Σ l lᵀ.</summary>
        internal override string? Onnx(OnnxCode c)
        {
            var n = Elimination.Rows(c);
            var (rest, columns) = (c.X, new List<string>());
            for (var k = 0L; k < n; k++)
            {
                var column = c.Slice(rest, -1, k, k + 1); // (…, N, 1)
                var below = c.Builder.Singles([n, 1], Enumerable.Range(0, (int)n).Select(row => row < k ? 0f : 1f).ToArray());
                column = c.Multiply(c.Divide(column, c.Add("Sqrt", [c.Slice(column, -2, k, k + 1)])), below);
                columns.Add(column);
                if (k == n - 1) break;
                var order = Enumerable.Range(0, c.Shape().Rank).Select(axis => (long)axis).ToArray();
                (order[order.Length - 2], order[order.Length - 1]) = (order[order.Length - 1], order[order.Length - 2]);
                rest = c.Subtract(rest, c.Multiply(column, c.Transpose(column, order)));
            }
            return n == 1 ? columns[0] : c.Add("Concat", columns, ("axis", -1L));
        }
    }
}
