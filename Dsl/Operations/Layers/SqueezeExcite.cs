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
        /// Weighs the channels of images by a function of their means: x · σ(fc2(relu(fc1(mean x)))). Hu et al. 2018. Keys as
        /// torchvision's.
        /// </summary>
        /// <param name="x">(B, C, H, W)</param>
        /// <param name="hidden">Channels in between; a quarter or a sixteenth of C is usual.</param>
        /// <param name="silu">SiLU in place of ReLU, as in EfficientNet.</param>
        /// <param name="key">Pins the checkpoint key.</param>
        public static Sym SqueezeExcite(this Sym x, [Size] int hidden, bool silu = false, string? key = null)
            => Sym.Apply("SqueezeExcite", x, hidden, silu, key);
    }

    public sealed partial class Layer
    {
        /// <inheritdoc cref="Operations.SqueezeExcite"/>
        public static Layer SqueezeExcite(int hidden, bool silu = false, string? key = null) => new("SqueezeExcite", hidden, silu, key);
    }
}

namespace Hybrid.Rules
{
    internal sealed class SqueezeExciteRule : Rule
    {
        public override bool IsResultFree => true;

        public override void Infer(Inference i)
        {
            if (!i.TryImages()
                || !i.RequireSize("hidden")
                || !i.RequireNoFields(
                    "weighs each channel separately", "Use it after .GroupPool(Symmetry.{0}), or .ReinterpretUnsafe() if that is intended"))
            {
                return;
            }
            var (channels, hidden) = (i.Shape()[1], i.Size("hidden"));
            i.Weight("fc1.weight", Shape.Of(hidden, channels, 1, 1), fanIn: channels);
            i.Weight("fc1.bias", Shape.Of(hidden), fanIn: channels);
            i.Weight("fc2.weight", Shape.Of(channels, hidden, 1, 1), fanIn: hidden);
            i.Weight("fc2.bias", Shape.Of(channels), fanIn: hidden);
            i.Output(i.Shape() with { Domain = i.Shape().Domain == Domain.Distribution ? Domain.Probability : i.Shape().Domain });
        }

        private const string Axes = "new long[] { -2, -1 }";

        private static string First(NodeCode c)
            => $"functional.conv2d({c.In()}.mean({Axes}, keepdim: true), {c.Weight("fc1.weight")}, {c.Weight("fc1.bias")})";

        private static string Gate(NodeCode c, string hidden)
            => $"functional.conv2d(functional.{(c.Flag("silu") ? "silu" : "relu")}({hidden}), {c.Weight("fc2.weight")}, "
                + $"{c.Weight("fc2.bias")}).sigmoid()";

        public override string Functional(NodeCode c) => $"{c.In()} * {Gate(c, First(c))}";

        /// <summary>dy = g dx + x dg, the gate's tangent through both of its maps.</summary>
        public override bool Tangent(TangentCode c)
        {
            var dx = c.TangentOf()!;
            var hidden = c.Local("hidden", First(c), $"({c.Shape()[0]}, {c.SizeOf("hidden")}, 1, 1)");
            var gate = c.Local("gate", Gate(c, hidden), $"({c.Shape()[0]}, {c.Shape()[1]}, 1, 1)");
            var slope = c.Flag("silu")
                ? $"({hidden}.sigmoid() * (1 + ({hidden} * (1 - {hidden}.sigmoid()))))"
                : $"{hidden}.gt(0).to({hidden}.dtype)";
            var dHidden = c.Local(
                "dHidden",
                $"{c.AsBatchOf($"{dx}.mean({Axes}, keepdim: true)", t => $"functional.conv2d({t}, {c.Weight("fc1.weight")}, null)")} * "
                    + $"{slope}",
                "(K, …)");
            var dGate = c.Local(
                "dGate",
                $"{c.AsBatchOf(dHidden, t => $"functional.conv2d({t}, {c.Weight("fc2.weight")}, null)")} * ({gate} * (1 - {gate}))",
                "(K, …)");
            c.Value = $"{c.In()} * {gate}";
            return c.Set($"({dx} * {gate}) + ({c.In()} * {dGate})");
        }

        /// <summary>The mean and the product of each element, and two small matrix products.</summary>
        public override Dim Flops(NodeCode c)
        {
            var x = c.Shape();
            return (2 * x.Elements) + (4 * x[0] * x[1] * c.ShapeOf("fc1.weight")[0]);
        }

        internal override string? Onnx(OnnxCode c)
        {
            var hidden = c.Add("Conv", [c.Mean(c.X, keep: true, -2, -1), c.Weight("fc1.weight"), c.Weight("fc1.bias")]);
            var shown = c.Flag("silu") ? c.Multiply(hidden, c.Add("Sigmoid", [hidden])) : c.Add("Relu", [hidden]);
            return c.Multiply(c.X, c.Add("Sigmoid", [c.Add("Conv", [shown, c.Weight("fc2.weight"), c.Weight("fc2.bias")])]));
        }
    }
}
