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
        /// Brings images to the height and width of others, whole factors or not: (B, C, H, W) → (B, C, h, w). A decoder joins its skip
        /// so: <c>x.UpsampleTo(skip).Cat(skip)</c>.
        /// </summary>
        /// <param name="x">(B, C, H, W)</param>
        /// <param name="other">(…, …, h, w): only its sizes are used.</param>
        /// <param name="bilinear">Interpolates between the centres of pixels (PyTorch's align_corners: false); otherwise the nearest one
        /// is taken.</param>
        public static Sym UpsampleTo(this Sym x, Sym other, bool bilinear = false) => Sym.Apply("UpsampleTo", x, other, bilinear);
    }
}

namespace Hybrid.Rules
{
    internal sealed class UpsampleToRule() : EnlargingRule(2, "bilinear")
    {
        public override bool Takes(Inference inference, string parameter, ElementType element) => parameter == "other";

        public override void Infer(Inference i)
        {
            if (!i.TryMaps(2)) return;
            var (x, other) = (i.Shape(), i.Value("other"));
            if (other.Shape.Rank == 4) i.Output(Enlarged(x, x.WithSpatial([other.Shape[2], other.Shape[3]])));
            else
            {
                i.Error(
                    "HYB1004",
                    $"{i.Subject} needs the sizes of images [B,C,H,W]; {i.Describe(other)} gives rank {other.Shape.Rank} {other.Shape}. "
                        + "Give it four axes.",
                    "other", other);
            }
        }

        protected override string Target(NodeCode c) => $"size: {NodeCode.Longs(c.Result().Sizes.Skip(2).Select(c.Size))}";

        /// <summary>The other tensor gives only its sizes, which do not move.</summary>
        public override bool Tangent(TangentCode c)
            => c.TangentOf() is not null
                ? base.Tangent(c)
                : c.Set(TangentCode.Still(c.Out, c.Result().Rank, c.TangentOf("other")!));

        private protected override string[] OnnxTarget(OnnxCode c)
        {
            var whole = c.Add("Slice", [c.Add("Shape", [c.X]), c.Builder.Integers(0), c.Builder.Integers(2)]);
            return ["", c.Add("Concat", [whole, c.Sizes.Values(c.Result().Sizes.Skip(2).ToList())], ("axis", 0L))];
        }
    }
}
