using Hybrid.Algebra;
using Hybrid.Graphs;
using Hybrid.Programs;
using Hybrid.Rules;

namespace Hybrid
{
    public static partial class Operations
    {
        /// <summary>Global average pool: (B, C, H, W) → (B, C).</summary>
        public static Sym MeanPool2d(this Sym x) => Sym.Apply("MeanPool2d", x);
    }
}

namespace Hybrid.Rules
{
    internal sealed class MeanPool2dRule : Rule
    {
        public override Signature Signature { get; } = new("MeanPool2d", new Parameter("x", ParameterKind.Tensor));

        public override void Infer(Inference i)
        {
            if (!i.TryImages()) return;
            var x = i.Shape();
            i.Output(new Shape(EquatableArray.Of(x.Axes[0], x.Axes[1]), ElementType.Real, x.Domain == Domain.Distribution ? Domain.Probability : x.Domain));
        }

        public override string Functional(NodeCode c) => $"{c.In()}.mean(new long[] {{ -2, -1 }})";

        public override bool Tangent(TangentCode c) => c.Set($"{c.TangentOf()}.mean(new long[] {{ -2, -1 }})");

        public override Dim Flops(Node node, Graph graph) => graph.Values[node.Inputs[0]].Shape.Elements;
    }
}
