using Hybrid.Graphs;
using Hybrid.Programs;
using Hybrid.Rules;

namespace Hybrid
{
    public static partial class Operations
    {
        /// <summary>e^x divided by its sum along an axis: probabilities.</summary>
        /// <param name="x">Any shape but a scalar.</param>
        /// <param name="axis">Default: the last.</param>
        public static Sym Softmax(this Sym x, int axis = -1) => Sym.Apply("Softmax", x, axis);
    }
}

namespace Hybrid.Rules
{
    internal sealed class SoftmaxRule : SoftmaxFamilyRule
    {
        protected override Domain Image => Domain.Distribution;

        public override string Functional(NodeCode c) => $"functional.softmax({c.In()}, {c.Integer("axis")})";

        public override string? Ensemble(EnsembleCode c) => $"functional.softmax({c.In()}, {c.FromEnd("axis")})";

        /// <summary>dy = y (dx − Σ y dx).</summary>
        public override bool Tangent(TangentCode c)
            => c.Set($"{c.Out} * ({c.TangentOf()} - ({c.Out} * {c.TangentOf()}).sum({c.FromEnd("axis")}, keepdim: true))");
    }
}
