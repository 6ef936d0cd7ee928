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
        /// <summary>y = x Wᵀ + b over the last axis: (…, inputs) → (…, outputs). W (outputs, inputs), b (outputs).</summary>
        /// <param name="x">(…, inputs)</param>
        /// <param name="outputs">Features out.</param>
        /// <param name="bias">Whether b is added.</param>
        /// <param name="weightInit">Default: PyTorch's U(±1/√inputs).</param>
        /// <param name="biasInit">Default: PyTorch's U(±1/√inputs).</param>
        /// <param name="inputs">Pins the size of the last axis; inferred when not given.</param>
        /// <param name="key">Pins the checkpoint key.</param>
        public static Sym Linear(
            this Sym x,
            [Size] int outputs,
            bool bias = true,
            Init weightInit = default,
            Init biasInit = default,
            [Size] int? inputs = null,
            string? key = null)
            => Sym.Apply("Linear", x, outputs, bias, weightInit, biasInit, inputs, key);
    }

    public sealed partial class Layer
    {
        /// <inheritdoc cref="Operations.Linear"/>
        public static Layer Linear(
            int outputs,
            bool bias = true,
            Init weightInit = default,
            Init biasInit = default,
            int? inputs = null,
            string? key = null)
            => new("Linear", outputs, bias, weightInit, biasInit, inputs, key);
    }
}

namespace Hybrid.Rules
{
    internal sealed class LinearRule : Rule
    {
        public override void Infer(Inference i)
        {
            var x = i.Value();
            if (x.Shape.Rank == 0)
            {
                i.Error(
                    "HYB1004",
                    $"{i.Subject} needs features on the last axis; {i.Describe(x)} is a scalar. Give it at least one axis.",
                    "x", x);
                return;
            }
            var features = x.Shape[-1];
            var outputs = i.Size("outputs");
            if (!i.RequireSize("outputs")) return;
            if (x.Shape.Rank == 2
                && !i.RequireNoFields(
                    "takes each channel separately", "Put .GroupPool(Symmetry.{0}) before it, or .ReinterpretUnsafe() if that is intended"))
            {
                return;
            }
            if (i.IsGiven("inputs") && !i.Demand(i.Size("inputs"), features, "inputs", out _))
                i.Error(
                    "HYB1001",
                    $"{i.Subject} is pinned to {i.Size("inputs")} inputs but receives {i.Explain(x)} ({i.Describe(x)} is {x.Shape}). "
                        + "Remove the pin to infer it.",
                    "inputs", x);
            i.Weight("weight", i.Init("weightInit"), outputs, features);
            if (i.Flag("bias")) i.Weight("bias", i.Init("biasInit"), outputs);
            // Whatever the last axis was, what comes out of it are features: or, where it was no channel, something of the user's own.
            var role = x.Shape.Axes[x.Shape.Rank - 1].Role is AxisRole.Channel or AxisRole.Feature ? AxisRole.Feature : AxisRole.None;
            i.Output(
                x.Shape with
                {
                    Axes = x.Shape.Axes.Take(x.Shape.Rank - 1).Append(new Axis(outputs, role)).ToEquatable(), Domain = Domain.Any,
                });
        }

        public override bool IsResultFree => true;

        public override LayerCode Layer(NodeCode c)
            => new(
                "Modules.Linear",
                $"nn.Linear({c.Size(c.Shape()[-1])}, {c.Size(c.SizeOf("outputs"))}{(c.Flag("bias") ? "" : ", hasBias: false")}, device: "
                    + "device, dtype: dtype)");

        public override string Functional(NodeCode c)
            => $"functional.linear({c.In()}, {c.Weight("weight")}{(c.Flag("bias") ? $", {c.Weight("bias")}" : "")})";

        /// <summary>
        /// One batched product W xᵀ + b. Its result is stored (M, outputs, B), each feature's batch in a row, which is what a normalisation
        /// over the batch reads.
        /// </summary>
        public override string? Ensemble(EnsembleCode c)
        {
            var rank = c.Shape().Rank;
            // Vectors are a batch of one; axes between batch and features join the batch.
            var x = rank == 1 ? $"{c.In()}.unsqueeze(1)" : rank > 2 ? $"{c.In()}.flatten(1, -2)" : c.In();
            var product = c.Flag("bias")
                ? $"torch.bmm({c.Weight("weight")}, {x}.transpose(1, 2)).add_({c.Weight("bias")}.unsqueeze(2)).transpose(1, 2)"
                : $"torch.bmm({c.Weight("weight")}, {x}.transpose(1, 2)).transpose(1, 2)";
            return rank == 1
                ? $"{product}.squeeze(1)"
                : rank > 2
                ? $"{product}.unflatten(1, {NodeCode.Longs(c.Shape().Sizes.Take(rank - 1).Select(c.Size))})"
                : product;
        }

        /// <summary>All directions in one matrix product: (K, …, inputs) Wᵀ.</summary>
        public override bool Tangent(TangentCode c) => c.Set($"functional.linear({c.TangentOf()}, {c.Weight("weight")})");

        public override PerturbedLayer Flipout(NodeCode c)
            => new(FlipoutLayers.Linear, -1, (x, weight, bias) => $"functional.linear({x}, {weight}, {bias})");

        public override Dim Flops(NodeCode c)
        {
            var y = c.Result();
            return 2 * y.Elements * c.Shape()[-1];
        }

        internal override string? Onnx(OnnxCode c)
        {
            var bias = c.Flag("bias");
            if (c.Shape().Rank == 2)
            {
                return c.Add(
                    "Gemm", [c.X, c.Weight("weight"), .. bias ? [c.Weight("bias")] : System.Array.Empty<string>()], ("transB", 1L));
            }
            var product = c.Add("MatMul", [c.X, c.Transpose(c.Weight("weight"), 1, 0)]);
            return bias ? c.Add(product, c.Weight("bias")) : product;
        }
    }
}
