using Hybrid.Graphs;
using Hybrid.Onnx;
using Hybrid.Programs;
using Hybrid.Rules;

namespace Hybrid
{
    public static partial class Operations
    {
        /// <summary>The same numbers, through which no derivative passes: neither gradients nor tangents.</summary>
        public static Sym Detach(this Sym x) => Sym.Apply("Detach", x);
    }
}

namespace Hybrid.Rules
{
    internal sealed class DetachRule : Rule
    {
        public override bool IsView => true;

        public override bool Differentiates(string parameter) => false;

        public override void Infer(Inference i) => i.Output(i.Shape());

        public override string Functional(NodeCode c) => $"{c.In()}.detach()";

        public override string? Ensemble(EnsembleCode c) => Functional(c);

        public override bool Tangent(TangentCode c) => c.SetNone();

        internal override string? Onnx(OnnxCode c) => c.X;
    }
}
