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
        /// <summary>Matrix product over the last two axes; axes before them broadcast: (…, n, k) · (…, k, m) → (…, n, m).</summary>
        /// <param name="x">(…, n, k), or (k) for a row.</param>
        /// <param name="other">(…, k, m), or (k) for a column.</param>
        public static Sym MatMul(this Sym x, Sym other) => Sym.Apply("MatMul", x, other);
    }
}

namespace Hybrid.Rules
{
    internal sealed class MatMulRule : Rule
    {
        // Products of truth values libtorch has none of, and both sides hold the same.
        public override bool Takes(Inference inference, string parameter, ElementType element)
            => element == ElementType.Int64 && inference.Shape(parameter == "x" ? "other" : "x").Element == element;

        public override void Infer(Inference i)
        {
            var (left, right) = (i.Value(), i.Value("other"));
            if (left.Shape.Rank == 0 || right.Shape.Rank == 0)
            {
                i.Error(
                    "HYB1004",
                    $"{i.Subject} needs matrices or vectors; {i.Describe(left.Shape.Rank == 0 ? left : right)} is a scalar. Use * instead.",
                    left.Shape.Rank == 0 ? "x" : "other",
                    left, right);
                return;
            }
            var (a, b) = (left.Shape[-1], right.Shape[right.Shape.Rank == 1 ? 0 : -2]);
            if (!i.Demand(a, b, "other", out var verdict))
            {
                // A vector for each example is a column for each of its matrices.
                var isColumn = right.Shape.Rank == 2
                    && left.Shape.Rank > 2
                    && i.Equal(a, right.Shape[-1])
                    && i.Equal(left.Shape[0], right.Shape[0]);
                var transposed = isColumn ? "Make the right side columns: .Unsqueeze(-1)."
                    : right.Shape.Rank > 1 && i.Equal(a, right.Shape[-1]) ? "Transpose the right side: .Transpose()."
                    : left.Shape.Rank > 1 && i.Equal(left.Shape[-2], b) ? "Transpose the left side: .Transpose()."
                    : verdict.Missing is { } fact
                        ? $"They agree when {fact}."
                        : "Give the last axis of the left side and the second last of the right side the same size.";
                i.Report(
                    "HYB1017",
                    $"{i.Subject}: inner sizes {a} and {b} differ{verdict.Witnessed(a, b)} ({left.Shape} x {right.Shape}); left is "
                        + $"{i.Describe(left)}, right is {i.Describe(right)}. {transposed}",
                    i.Place("other"), [left, right], verdict.Witness, verdict.Missing);
                if (isColumn) i.Offer(EditKind.Append, ".Unsqueeze(-1)");
                if (transposed.StartsWith("Transpose", System.StringComparison.Ordinal))
                    i.Offer(EditKind.Append, ".Transpose()", i.Place(transposed.Contains("right") ? "other" : "x"));
                return;
            }
            // Vectors take part as a row or a column that the result does not show.
            var batch = left with
            {
                Shape = left.Shape with { Axes = left.Shape.Axes.Take(System.Math.Max(0, left.Shape.Rank - 2)).ToEquatable() },
            };
            var otherBatch = right with
            {
                Shape = right.Shape with { Axes = right.Shape.Axes.Take(System.Math.Max(0, right.Shape.Rank - 2)).ToEquatable() },
            };
            if (!Broadcasting.TryShape(i, batch, otherBatch, out var axes, "other")) return;
            Broadcasting.WarnOfExamplesTwice(i, left, right);
            i.WarnOfWeightsOverQueries(left);
            var result = axes.ToList();
            if (left.Shape.Rank > 1) result.Add(left.Shape.Axes[left.Shape.Rank - 2]);
            if (right.Shape.Rank > 1) result.Add(right.Shape.Axes[right.Shape.Rank - 1]);
            i.Output(new Shape(result.ToEquatable(), left.Shape.Element));
        }

        public override string Functional(NodeCode c) => Products.Of(c.In(), c.In("other"), c.Shape().Rank, c.Shape("other").Rank);

        public override IEnumerable<SupportMethod> Support(NodeCode c) => [Products.Method];

        public override string? Ensemble(EnsembleCode c)
        {
            // A vector becomes a row or column, so that the members' axis is a batch axis of the product.
            int left = c.Shape().Rank, right = c.Shape("other").Rank;
            var rank = System.Math.Max(System.Math.Max(left, right), 2);
            var row = EnsembleCode.Aligned(left == 1 ? $"{c.In()}.unsqueeze(-2)" : c.In(), System.Math.Max(left, 2), rank);
            var column = EnsembleCode.Aligned(
                right == 1 ? $"{c.In("other")}.unsqueeze(-1)" : c.In("other"), System.Math.Max(right, 2), rank);
            return $"Product({row}, "
                + $"{column}){(right == 1 ? ".squeeze(-1)" : "")}{(left == 1 ? $".squeeze({(right == 1 ? -1 : -2)})" : "")}";
        }

        public override bool Tangent(TangentCode c)
        {
            int left = c.Shape().Rank, right = c.Shape("other").Rank;
            // A vector becomes a row or column, so that the directions' axis is a batch axis of the product.
            string Left(string x) => left == 1 ? $"{x}.unsqueeze(-2)" : x;
            string Right(string x) => right == 1 ? $"{x}.unsqueeze(-1)" : x;
            var rank = System.Math.Max(System.Math.Max(left, right), 2);
            string Lifted(string tangent, int own)
            {
                for (var r = System.Math.Max(own, 2); r < rank; r++) tangent += ".unsqueeze(1)";
                return tangent;
            }
            var byLeft = c.TangentOf() is { } dx ? $"Product({Lifted(Left(dx), left)}, {Right(c.In("other"))})" : null;
            var byRight = c.TangentOf("other") is { } dy ? $"Product({Left(c.In())}, {Lifted(Right(dy), right)})" : null;
            var sum = byLeft is null ? byRight! : byRight is null ? byLeft : $"({byLeft} + {byRight})";
            if (left == 1) sum = $"{sum}.squeeze(-2)";
            if (right == 1) sum = $"{sum}.squeeze(-1)";
            return c.Set(sum);
        }

        public override Dim Flops(NodeCode c) => 2 * c.Result().Elements * c.Shape()[-1];

        internal override string? Onnx(OnnxCode c) => c.Add("MatMul", [c.X, c.InReal("other")]);
    }
}
