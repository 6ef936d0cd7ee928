using System.Collections.Generic;
using Hybrid.Graphs;
using Hybrid.Onnx;
using Hybrid.Programs;
using Hybrid.Rules;

namespace Hybrid
{
    public static partial class Operations
    {
        /// <summary>Inverse of each matrix: (…, N, N). A singular one throws when it runs.</summary>
        public static Sym Inverse(this Sym x) => Sym.Apply("Inverse", x);
    }
}

namespace Hybrid.Rules
{
    internal sealed class InverseRule : SquareMatrixRule
    {
        protected override bool GivesMatrix => true;

        public override string Functional(NodeCode c) => $"torch.linalg.inv({c.In()})";

        public override string? Ensemble(EnsembleCode c) => Functional(c);

        /// <summary>d(A⁻¹) = −A⁻¹ dA A⁻¹.</summary>
        public override bool Tangent(TangentCode c) => c.Set($"-Product(Product({c.Out}, {c.TangentOf()}), {c.Out})");

        public override IEnumerable<SupportMethod> Support(NodeCode c) => [Products.Method];

        /// <summary>A singular matrix gives infinities, where the module throws.</summary>
        internal override string? Onnx(OnnxCode c)
        {
            var n = Elimination.Rows(c);
            var ones = c.Add(c.Multiply(c.X, c.Builder.Single(0)), OnnxIdentity(c, 1));
            var (eliminated, _) = Elimination.Of(c, c.Add("Concat", [c.X, ones], ("axis", -1L)), n);
            return c.Slice(eliminated, -1, n, 2 * n);
        }
    }
}
