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
        /// Fourier transform of images: Σ x e^(−2πi (uh/H + vw/W)), (…, H, W) → (…, H, W, 2), the real and the imaginary part last, as
        /// NumPy's fft2. <c>x.Fft2().Square().Sum(-1)</c> is the power spectrum, <c>(x.Fft2() * filter.Unsqueeze(-1)).Ifft2()</c> filters.
        /// </summary>
        public static Sym Fft2(this Sym x) => Sym.Apply("Fft2", x);
    }
}

namespace Hybrid.Rules
{
    internal sealed class Fft2Rule : Rule
    {
        public override void Infer(Inference i)
        {
            var x = i.Value();
            if (x.Shape.Rank < 2)
            {
                i.Error(
                    "HYB1004",
                    $"{i.Subject} needs images [...,H,W]; {i.Describe(x)} gives rank {x.Shape.Rank} {x.Shape}. Give it two axes of space.",
                    "x", x);
                return;
            }
            i.Output(new Shape(x.Shape.Axes.Append(new Axis(2)).ToEquatable()));
        }

        public override string Functional(NodeCode c) => $"torch.fft.fft2({c.In()}).view_as_real()";

        public override string? Ensemble(EnsembleCode c) => Functional(c);

        public override bool Tangent(TangentCode c) => c.Set($"torch.fft.fft2({c.TangentOf()}).view_as_real()");

        public override Dim Flops(NodeCode c) => Fourier.Flops(c.Shape(), c.Shape()[-2], c.Shape()[-1]);

        internal override string? Onnx(OnnxCode c) => Fourier.Onnx(c, c.Unsqueeze(c.X, c.Shape().Rank), isInverse: false);
    }
}
