using Hybrid.Graphs;
using Hybrid.Programs;
using Hybrid.Rules;

namespace Hybrid
{
    public static partial class Operations
    {
        /// <summary>ln of <see cref="Softmax"/>, without its underflow.</summary>
        /// <param name="x">Any shape but a scalar.</param>
        /// <param name="axis">Default: the last.</param>
        public static Sym LogSoftmax(this Sym x, int axis = -1) => Sym.Apply("LogSoftmax", x, axis);
    }
}

namespace Hybrid.Rules
{
    internal sealed class LogSoftmaxRule : SoftmaxFamilyRule
    {
        protected override Domain Image => Domain.Any;

        public override string Functional(NodeCode c) => $"functional.log_softmax({c.In()}, {c.Integer("axis")})";

        public override string? Ensemble(EnsembleCode c) => $"functional.log_softmax({c.In()}, {c.FromEnd("axis")})";

        /// <summary>dy = dx − Σ eʸ dx.</summary>
        public override bool Tangent(TangentCode c)
            => c.Set($"{c.TangentOf()} - ({c.Out}.exp() * {c.TangentOf()}).sum({c.FromEnd("axis")}, keepdim: true)");
    }
}
