using Hybrid.Graphs;
using Hybrid.Onnx;
using Hybrid.Programs;
using Hybrid.Rules;

namespace Hybrid
{
    public static partial class Operations
    {
        /// <summary>
        /// The same numbers, through which the gradient passes with the opposite sign, times <paramref name="scale"/>: what comes before
        /// learns to fail what comes after, for networks that shall not know a domain. Ganin and Lempitsky 2015, section 3.
        /// </summary>
        /// <param name="x">Any shape.</param>
        /// <param name="scale">The paper's λ, above 0.</param>
        public static Sym ReverseGradient(this Sym x, double scale = 1) => Sym.Apply("ReverseGradient", x, scale);
    }
}

namespace Hybrid.Rules
{
    internal sealed class ReverseGradientRule : Rule
    {
        public override void Infer(Inference i)
        {
            if (i.Within("scale", scale => scale > 0, "{0} > 0", "above 0")) i.Output(i.Shape());
        }

        // x − x has the value 0 and the derivative 1.
        public override string Functional(NodeCode c) => $"{c.In()}.detach() - (({c.In()} - {c.In()}.detach()) * {c.Number("scale")})";

        public override string? Ensemble(EnsembleCode c) => Functional(c);

        /// <summary>What autograd passes, backwards as forwards: not the slope of the values.</summary>
        public override bool Tangent(TangentCode c) => c.Set($"{c.TangentOf()} * {c.Number("scale", scale => -scale, "-{0}")}");

        internal override string? Onnx(OnnxCode c) => c.X;
    }
}
