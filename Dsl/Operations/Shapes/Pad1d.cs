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
        /// Zeros before and after series: (B, C, L) → (B, C, before + L + after). Before alone makes a convolution causal:
        /// <c>x.Pad1d(2).Conv1d(16, k: 3)</c> sees no later time.
        /// </summary>
        /// <param name="x">(B, C, L)</param>
        /// <param name="before">Zeros before the first time.</param>
        /// <param name="after">Zeros after the last; default none.</param>
        public static Sym Pad1d(this Sym x, int before, int after = 0) => Sym.Apply("Pad1d", x, before, after);
    }
}

namespace Hybrid.Rules
{
    internal sealed class Pad1dRule : Rule
    {
        public override bool Takes(Inference inference, string parameter, ElementType element) => true;

        public override void Infer(Inference i)
        {
            if (!i.TryMaps(1) || !i.RequireWindow(("before", 0), ("after", 0))) return;
            var x = i.Shape();
            var domain = x.Domain is Domain.Positive ? Domain.NonNegative : x.Domain is Domain.Distribution ? Domain.Probability : x.Domain;
            i.Output(x.With(2, x[2] + i.Integer("before") + i.Integer("after")) with { Domain = domain });
        }

        private static string Call(NodeCode c, string x)
            => $"functional.pad({x}, {NodeCode.Longs(c.Integer("before"), c.Integer("after"))})";

        public override string Functional(NodeCode c) => Call(c, c.In());

        public override string? Ensemble(EnsembleCode c) => Call(c, c.In());

        public override bool Tangent(TangentCode c) => c.Set(Call(c, c.TangentOf()!));

        internal override string? Onnx(OnnxCode c)
        {
            var others = new long[c.Shape().Rank - 1];
            return c.Add("Pad", [c.X, c.Builder.Integers([.. others, c.Integer("before"), .. others, c.Integer("after")])]);
        }
    }
}
