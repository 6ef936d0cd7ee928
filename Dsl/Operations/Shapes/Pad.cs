using Hybrid.Algebra;
using Hybrid.Graphs;
using Hybrid.Onnx;
using Hybrid.Programs;
using Hybrid.Rules;

namespace Hybrid
{
    public static partial class Operations
    {
        /// <summary>Zeros around images: (B, C, H, W) → (B, C, H + 2·by, W + 2·by).</summary>
        /// <param name="x">(B, C, H, W)</param>
        /// <param name="by">Rows above and below, columns left and right.</param>
        public static Sym Pad(this Sym x, Extent by) => Sym.Apply("Pad", x, by);
    }
}

namespace Hybrid.Rules
{
    internal sealed class PadRule : Rule
    {
        public override bool Takes(Inference inference, string parameter, ElementType element) => true;

        public override void Infer(Inference i)
        {
            if (!i.TryImages() || !i.RequireWindow(("by", 0))) return;
            var x = i.Shape();
            var (height, width) = i.Pair("by");
            var domain = x.Domain is Domain.Positive ? Domain.NonNegative : x.Domain is Domain.Distribution ? Domain.Probability : x.Domain;
            i.Output(new Shape(
                EquatableArray.Of(
                    x.Axes[0], x.Axes[1], x.Axes[2] with { Size = x[2] + (2 * height) }, x.Axes[3] with { Size = x[3] + (2 * width) }),
                x.Element, domain));
        }

        // libtorch counts from the last axis: left, right, above, below.
        private static string Call(NodeCode c, string x)
        {
            var (height, width) = c.Pair("by");
            return $"functional.pad({x}, {NodeCode.Longs(width, width, height, height)})";
        }

        public override string Functional(NodeCode c) => Call(c, c.In());

        public override string? Ensemble(EnsembleCode c) => Functional(c);

        public override bool Tangent(TangentCode c) => c.Set(Call(c, c.TangentOf()!));

        internal override string? Onnx(OnnxCode c) => OnnxWindows.Pad(c, c.X, c.Lengths("by"), c.Lengths("by"), 0);
    }
}
