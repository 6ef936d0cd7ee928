using Hybrid.Graphs;
using Hybrid.Onnx;
using Hybrid.Programs;
using Hybrid.Rules;

namespace Hybrid
{
    public static partial class Operations
    {
        /// <summary>Adds a number to the diagonal of each matrix: A + value·I, (…, N, N).</summary>
        public static Sym AddDiagonal(this Sym x, double value) => Sym.Apply("AddDiagonal", x, value);
    }
}

namespace Hybrid.Rules
{
    internal sealed class AddDiagonalRule : SquareMatrixRule
    {
        protected override bool GivesMatrix => true;

        public override bool Takes(Inference inference, string parameter, ElementType element) => true;

        public override string Functional(NodeCode c)
        {
            var value = c.Real("value");
            var eye = $"torch.eye({c.In()}.shape[{c.Shape().Rank - 1}], dtype: {c.In()}.dtype, device: {c.In()}.device)";
            if (c.Shape().Element != ElementType.Real) return $"{c.In()} + ({eye} * {c.Number("value")})";
            return value == 1 ? $"{c.In()} + {eye}" : value == -1 ? $"{c.In()} - {eye}" : $"{c.In()} + ({eye} * {c.Number("value")})";
        }

        public override bool Tangent(TangentCode c) => c.Set(c.TangentOf()!);

        internal override string? Onnx(OnnxCode c) => c.Add(c.X, OnnxIdentity(c, c.Real("value")));
    }
}
