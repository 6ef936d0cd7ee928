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
        /// Real part of the inverse Fourier transform: (…, H, W, 2), real and imaginary part last, → (…, H, W). It undoes
        /// <see cref="Fft2"/>; of coefficients that belong to a real image nothing is lost.
        /// </summary>
        public static Sym Ifft2(this Sym x) => Sym.Apply("Ifft2", x);
    }
}

namespace Hybrid.Rules
{
    internal sealed class Ifft2Rule : Rule
    {
        public override void Infer(Inference i)
        {
            var x = i.Value();
            if (x.Shape.Rank < 3 || !i.Equal(x.Shape[-1], 2))
            {
                i.Error(
                    "HYB1004",
                    $"{i.Subject} needs coefficients [...,H,W,2], real and imaginary part last; {i.Describe(x)} is {x.Shape}. Give it what "
                        + "Fft2 gives.",
                    "x", x);
                return;
            }
            i.Output(new Shape(x.Shape.Axes.Take(x.Shape.Rank - 1).ToEquatable()));
        }

        private static string Inverse(string tensor) => $"torch.fft.ifft2({tensor}.contiguous().view_as_complex()).real";

        public override string Functional(NodeCode c) => Inverse(c.In());

        public override string? Ensemble(EnsembleCode c) => Functional(c);

        public override bool Tangent(TangentCode c) => c.Set(Inverse(c.TangentOf()!));

        public override Dim Flops(NodeCode c) => Fourier.Flops(c.Result(), c.Result()[-2], c.Result()[-1]);

        internal override string? Onnx(OnnxCode c)
            => c.Add("Squeeze", [c.Slice(Fourier.Onnx(c, c.X, isInverse: true), -1, 0, 1), c.Builder.Integers(-1)]);
    }
}
