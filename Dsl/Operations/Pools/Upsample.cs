using Hybrid.Algebra;
using Hybrid.Graphs;
using Hybrid.Onnx;
using Hybrid.Programs;
using Hybrid.Rules;

namespace Hybrid
{
    public static partial class Operations
    {
        /// <summary>Enlarges images by whole factors: (B, C, H, W) → (B, C, factor·H, factor·W).</summary>
        /// <param name="x">(B, C, H, W)</param>
        /// <param name="factor">Of height and width, at least 1.</param>
        /// <param name="bilinear">Interpolates between the centres of pixels (PyTorch's align_corners: false); otherwise each pixel is
        /// repeated.</param>
        public static Sym Upsample(this Sym x, Extent factor, bool bilinear = false) => Sym.Apply("Upsample", x, factor, bilinear);
    }
}

namespace Hybrid.Rules
{
    internal sealed class UpsampleRule : Rule
    {
        public override void Infer(Inference i)
        {
            if (!i.TryImages() || !i.RequireWindow(("factor", 1))) return;
            var x = i.Shape();
            var (height, width) = i.Pair("factor");
            i.Output(new Shape(
                EquatableArray.Of(x.Axes[0], x.Axes[1], x.Axes[2] with { Size = x[2] * height }, x.Axes[3] with { Size = x[3] * width }),
                ElementType.Real,
                x.Domain == Domain.Distribution ? Domain.Probability : x.Domain));
        }

        public override string Functional(NodeCode c) => Call(c, c.In());

        public override string? Ensemble(EnsembleCode c) => c.AsChannels(folded => Call(c, folded));

        private static string Call(NodeCode c, string x)
        {
            var (height, width) = c.Pair("factor");
            var mode = c.Flag("bilinear") ? "torch.InterpolationMode.Bilinear, align_corners: false" : "torch.InterpolationMode.Nearest";
            return $"functional.interpolate({x}, scale_factor: new double[] {{ {height}, {width} }}, mode: {mode})";
        }

        /// <summary>Linear in its input: the directions as more images of one batch.</summary>
        public override bool Tangent(TangentCode c) => c.Set(c.AsBatch(folded => Call(c, folded)));

        /// <summary>Four products and three sums for each interpolated pixel; repetition computes nothing.</summary>
        public override Dim Flops(NodeCode c)
            => c.Flag("bilinear") ? 7 * c.Result().Elements : Dim.Zero;

        internal override string? Onnx(OnnxCode c)
        {
            var factor = c.Lengths("factor");
            var scales = c.Builder.Singles([4], [1, 1, factor[0], factor[1]]);
            return c.Flag("bilinear")
                ? c.Add("Resize", [c.X, "", scales], ("mode", "linear"), ("coordinate_transformation_mode", "half_pixel"))
                : c.Add(
                    "Resize", [c.X, "", scales], ("mode", "nearest"),
                    ("coordinate_transformation_mode", "asymmetric"),
                    ("nearest_mode", "floor"));
        }
    }
}
