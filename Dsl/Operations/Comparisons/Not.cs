using Hybrid.Graphs;
using Hybrid.Onnx;
using Hybrid.Programs;
using Hybrid.Rules;

namespace Hybrid
{
    public static partial class Operations
    {
        /// <summary>The opposite of truth values, as the sign ! writes it.</summary>
        public static Sym Not(this Sym x) => Sym.Apply("Not", x);
    }
}

namespace Hybrid.Rules
{
    internal sealed class NotRule : Rule
    {
        public override bool Takes(Inference inference, string parameter, ElementType element) => true;

        public override void Infer(Inference i)
        {
            var x = i.Value();
            if (x.Shape.Element == ElementType.Bool) i.Output(x.Shape);
            else
                i.RefuseElements(
                    ElementType.Bool, x,
                $"the opposite is one of truth values, {i.Describe(x)} {x.Shape} holds {LossTargets.Kind(x)}", "x");
        }

        public override string Functional(NodeCode c) => $"{c.In()}.logical_not()";

        public override string? Ensemble(EnsembleCode c) => Functional(c);

        public override bool Tangent(TangentCode c) => c.SetNone();

        internal override string? Onnx(OnnxCode c) => c.Add("Not", [c.In()]);
    }
}
