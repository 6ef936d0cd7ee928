using Hybrid.Graphs;
using Hybrid.Onnx;
using Hybrid.Programs;
using Hybrid.Rules;

namespace Hybrid
{
    public static partial class Operations
    {
        /// <summary>Brings vectors to length 1: x/max(‖x‖, eps) along an axis. The product of two is the cosine of their angle.</summary>
        /// <param name="x">Any shape but a scalar.</param>
        /// <param name="axis">Default: the last.</param>
        /// <param name="eps">The least length that is divided by; default 1e-12, as PyTorch's.</param>
        public static Sym Normalize(this Sym x, int axis = -1, double eps = 1e-12) => Sym.Apply("Normalize", x, axis, eps);
    }
}

namespace Hybrid.Rules
{
    internal sealed class NormalizeRule : SoftmaxFamilyRule
    {
        protected override Domain Image => Domain.Any;

        public override string Functional(NodeCode c)
            => $"functional.normalize({c.In()}, dim: {c.FromEnd("axis")}, eps: {c.Number("eps")})";

        public override string? Ensemble(EnsembleCode c) => Functional(c);

        /// <summary>dy = (dx − y Σ y dx)/‖x‖; dx/eps for a vector that is shorter than eps.</summary>
        public override bool Tangent(TangentCode c)
        {
            var (axis, dx, eps) = (c.FromEnd("axis"), c.TangentOf(), c.Number("eps"));
            var length = c.Local("length", $"{c.In()}.norm({axis}, keepdim: true)", "of each vector");
            var along = $"({c.Out} * {dx}).sum({axis}, keepdim: true)";
            var turned = $"({c.Out} * {along}.masked_fill({length}.lt({eps}), 0))";
            return c.Set(
                $"({dx} - {turned}) / {length}.clamp(min: (global::TorchSharp.Scalar)({eps}))");
        }

        internal override string? Onnx(OnnxCode c)
        {
            var axis = c.Axis("axis", c.Shape().Rank);
            var length = c.Add("ReduceL2", [c.X], ("axes", new[] { axis }), ("keepdims", 1L));
            return c.Divide(c.X, c.Add("Max", [length, c.Builder.Single(c.Real("eps"))]));
        }
    }
}
