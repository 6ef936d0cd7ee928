using Hybrid.Algebra;
using Hybrid.Graphs;
using Hybrid.Programs;
using Hybrid.Rules;

namespace Hybrid
{
    public static partial class Operations
    {
        /// <summary>Means of windows chosen so that the map becomes the given size: (B, C, H, W) → (B, C, size, size).</summary>
        public static Sym AdaptiveAvgPool2d(this Sym x, Extent size) => Sym.Apply("AdaptiveAvgPool2d", x, size);
    }
}

namespace Hybrid.Rules
{
    internal abstract class AdaptivePoolRule(string name) : Rule
    {
        public override Signature Signature { get; } = new(name, new("x", ParameterKind.Tensor), new("size", ParameterKind.Extent));

        public override void Infer(Inference i)
        {
            if (!i.TryImages() || !i.IsWindowLegal(("size", 1))) return;
            var x = i.Shape();
            i.Output(x.With(2, i.Pair("size").Height).With(3, i.Pair("size").Width));
        }

        public override Dim Flops(Node node, Graph graph) => graph.Values[node.Inputs[0]].Shape.Elements;
    }

    internal sealed class AdaptiveAvgPool2dRule() : AdaptivePoolRule("AdaptiveAvgPool2d")
    {
        public override string Functional(NodeCode c) => Call(c, c.In());

        public override string? Ensemble(EnsembleCode c) => c.AsChannels(folded => Call(c, folded));

        private static string Call(NodeCode c, string x) => $"functional.adaptive_avg_pool2d({x}, {c.PairLongs("size")})";

        public override bool Tangent(TangentCode c) => c.Set(c.AsBatch(folded => Call(c, folded)));
    }
}
