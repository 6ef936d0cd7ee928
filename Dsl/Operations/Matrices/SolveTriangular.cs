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
        /// <summary>
        /// Y of X Y = B, where X is a triangle: (…, N, N) and (…, N, M) → (…, N, M); axes before the last two broadcast. With a Cholesky
        /// factor it whitens: <c>covariance.Cholesky().SolveTriangular(residuals.Transpose())</c>. A zero on the diagonal gives infinities.
        /// </summary>
        /// <param name="x">Triangles, of which the other half is not read.</param>
        /// <param name="other">(…, N, M): a column for each system.</param>
        /// <param name="upper">Whether the triangle is above the diagonal; below it by default.</param>
        public static Sym SolveTriangular(this Sym x, Sym other, bool upper = false) => Sym.Apply("SolveTriangular", x, other, upper);
    }
}

namespace Hybrid.Rules
{
    internal sealed class SolveTriangularRule : Rule
    {
        public override void Infer(Inference i)
        {
            var (x, other) = (i.Value(), i.Value("other"));
            foreach (var (name, value) in new[] { ("x", x), ("other", other) })
            {
                if (value.Shape.Rank >= 2) continue;
                i.Error(
                    "HYB1004",
                    $"{i.Subject} needs matrices {(name == "x" ? "[...,N,N]" : "[...,N,M]")}; {i.Describe(value)} gives rank "
                        + $"{value.Shape.Rank} {value.Shape}. "
                        + (name == "x" ? "Give it a matrix." : "Make a vector a column: .Unsqueeze(-1)."),
                    name, value);
                if (name == "other" && value.Shape.Rank == 1) i.Offer(EditKind.Append, ".Unsqueeze(-1)");
                return;
            }
            if (!i.Demand(x.Shape[-2], x.Shape[-1], "x", out var square))
            {
                i.Report(
                    "HYB1021",
                    $"{i.Subject} needs square matrices; {i.Describe(x)} is {x.Shape}{square.Witnessed(x.Shape[-2], x.Shape[-1])}. Use the "
                        + "Cholesky factor of a covariance.",
                    i.Place("x"), [x], square.Witness, square.Missing);
                return;
            }
            if (!i.Demand(x.Shape[-1], other.Shape[-2], "other", out var verdict))
            {
                var transposed = i.Equal(x.Shape[-1], other.Shape[-1]);
                i.Report(
                    "HYB1017",
                    $"{i.Subject}: {i.Describe(x)} {x.Shape} and {i.Describe(other)} {other.Shape} differ in their rows: {x.Shape[-1]} and "
                        + $"{other.Shape[-2]}{verdict.Witnessed(x.Shape[-1], other.Shape[-2])}. "
                        + (transposed ? "Transpose the right side: .Transpose()." : "Give both the same number of rows."),
                    i.Place("other"), [x, other], verdict.Witness, verdict.Missing);
                if (transposed) i.Offer(EditKind.Append, ".Transpose()");
                return;
            }
            var batch = x with { Shape = x.Shape with { Axes = x.Shape.Axes.Take(x.Shape.Rank - 2).ToEquatable() }, MayBroadcast = true };
            var otherBatch = other with
            {
                Shape = other.Shape with { Axes = other.Shape.Axes.Take(other.Shape.Rank - 2).ToEquatable() },
            };
            if (!Broadcasting.TryShape(i, batch, otherBatch, out var axes, "other")) return;
            i.Output(new Shape(axes.Concat(other.Shape.Axes.Skip(other.Shape.Rank - 2)).ToEquatable()));
        }

        private static string Solved(NodeCode c, string x, string other)
            => $"torch.linalg.solve_triangular({x}, {other}, upper: {(c.Flag("upper") ? "true" : "false")})";

        public override string Functional(NodeCode c) => Solved(c, c.In(), c.In("other"));

        public override string? Ensemble(EnsembleCode c) => Solved(c, c.In("x", c.Result().Rank), c.In("other", c.Result().Rank));

        /// <summary>dY = X⁻¹ (dB − dX Y), of dX the triangle.</summary>
        public override bool Tangent(TangentCode c)
        {
            var rank = c.Result().Rank;
            var other = c.TangentOf("other", rank);
            var half = c.Flag("upper") ? "triu" : "tril";
            var turned = c.TangentOf("x", rank) is { } dx ? $"Product({dx}.{half}(), {c.Out})" : null;
            return c.Set(Solved(c, c.In(), other is null ? $"-{turned}" : turned is null ? other : $"{other} - {turned}"));
        }

        public override IEnumerable<SupportMethod> Support(NodeCode c) => [Products.Method];

        public override Dim Flops(NodeCode c) => c.Result().Elements * c.Shape()[-1];

        /// <summary>Row by row: yᵢ = (bᵢ − Σ xᵢₖ yₖ)/xᵢᵢ.</summary>
        internal override string? Onnx(OnnxCode c)
        {
            var n = Elimination.Rows(c);
            var (isUpper, rows) = (c.Flag("upper"), new List<string>());
            for (var step = 0L; step < n; step++)
            {
                var k = isUpper ? n - 1 - step : step;
                var row = c.Slice(c.X, -2, k, k + 1);
                var right = c.Slice(c.InReal("other"), -2, k, k + 1);
                if (step > 0)
                {
                    var known = isUpper ? c.Slice(row, -1, k + 1, n) : c.Slice(row, -1, 0, k);
                    var solved = rows.Count == 1 ? rows[0] : c.Add("Concat", rows.ToList(), ("axis", -2L));
                    right = c.Subtract(right, c.Add("MatMul", [known, solved]));
                }
                rows.Insert(isUpper ? 0 : rows.Count, c.Divide(right, c.Slice(row, -1, k, k + 1)));
            }
            return n == 1 ? rows[0] : c.Add("Concat", rows, ("axis", -2L));
        }
    }
}
