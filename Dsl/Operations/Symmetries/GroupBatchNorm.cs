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
        /// Normalises each field by the mean and variance of the batch over all its elements, so that the result still turns with the
        /// image: (B, fields·|G|, H, W) → the same. One weight and bias a field. e2cnn's InnerBatchNorm.
        /// </summary>
        /// <param name="x">Fields of the group.</param>
        /// <param name="group">The symmetries.</param>
        /// <param name="eps">Added to the variance.</param>
        /// <param name="momentum">Of the running statistics.</param>
        /// <param name="key">Pins the checkpoint key.</param>
        public static Sym GroupBatchNorm(this Sym x, Symmetry group, double eps = 1e-5, double momentum = 0.1, string? key = null)
            => Sym.Apply("GroupBatchNorm", x, group, eps, momentum, key);
    }

    public sealed partial class Layer
    {
        /// <inheritdoc cref="Operations.GroupBatchNorm"/>
        public static Layer GroupBatchNorm(Symmetry group, double eps = 1e-5, double momentum = 0.1, string? key = null)
            => new("GroupBatchNorm", group, eps, momentum, key);
    }
}

namespace Hybrid.Rules
{
    internal sealed class GroupBatchNormRule : Rule
    {
        public override bool DependsOnTraining => true;

        public override void Infer(Inference i)
        {
            if (!i.TryImages() || !i.TryFields()) return;
            var fields = i.Shape()[1].FloorDiv(Symmetries.Order(i.Group()));
            i.Weight("weight", Init.Default, fields);
            i.Weight("bias", Init.Default, fields);
            i.Buffer("running_mean", Init.Default, fields);
            i.Buffer("running_var", Init.Default, fields);
            i.Buffer("num_batches_tracked", new Shape(EquatableArray<Axis>.Empty, ElementType.Int64));
            i.Output(i.Shape() with { Domain = Domain.Any });
        }

        // (B, fields, |G|, H, W): a batch normalisation of volumes shares its statistics over the elements.
        private static string Divided(NodeCode c, string tensor)
            => $"{tensor}.unflatten({tensor}.dim() - 3, {NodeCode.Longs(-1, Symmetries.Order(c.Group()))})";

        public override LayerCode Layer(NodeCode c)
            => new(
                "Modules.BatchNorm3d",
                $"nn.BatchNorm3d({c.Size(c.Shape()[1].FloorDiv(Symmetries.Order(c.Group())))}, eps: {c.Number("eps")}, momentum: "
                    + $"{c.Number("momentum")}, device: device, dtype: dtype)");

        public override string Forward(NodeCode c, string layer) => $"{layer}.forward({Divided(c, c.In())}).flatten(1, 2)";

        public override string Functional(NodeCode c)
            => $"functional.batch_norm({Divided(c, c.In())}, {c.Weight("running_mean")}, {c.Weight("running_var")}, {c.Weight("weight")}, "
                + $"{c.Weight("bias")}, training: {c.Training}, momentum: {c.Number("momentum")}, eps: {c.Number("eps")}).flatten(1, 2)";

        public override string Upkeep(NodeCode c) => $"if ({c.Training}) {c.Weight("num_batches_tracked")}.add_(1);";

        /// <summary>As of a batch normalisation, on (B, fields, |G|, H, W).</summary>
        public override bool Tangent(TangentCode c)
        {
            static string PerField(string tensor) => $"{tensor}.view({NodeCode.Longs(-1, 1, 1, 1)})";
            var shape = $"(B, fields, {Symmetries.Order(c.Group())}, H, W)";
            var divided = c.Local("divided", Divided(c, c.In()), shape);
            var (moving, scale) = c.Normalised(
                divided, Divided(c, c.TangentOf()!), NodeCode.Longs(-5, -3, -2, -1), shape, (
                    c.Training, PerField(c.Weight("running_mean")), PerField(c.Weight("running_var"))));
            return c.Set($"({moving} * ({scale} * {PerField(c.Weight("weight"))})).flatten(2, 3)");
        }

        public override Dim Flops(NodeCode c) => 2 * c.Result().Elements;

        /// <summary>A field's elements share its statistics: an axis of all of them and their pixels.</summary>
        internal override string? Onnx(OnnxCode c)
        {
            var fields = c.Known(c.Shape()[1]) / Symmetries.Order(c.Group());
            var normal = c.Add(
                "BatchNormalization",
                [c.Reshape(c.X, 0, fields, -1), c.Weight("weight"), c.Weight("bias"), c.Weight("running_mean"), c.Weight("running_var")],
                ("epsilon", (float)c.Real("eps")));
            return c.Add("Reshape", [normal, c.Add("Shape", [c.X])]);
        }
    }
}
