using Hybrid.Graphs;
using Hybrid.Programs;

namespace Hybrid.Rules;

/// <summary>Normalised exponentials along one axis.</summary>
internal abstract class SoftmaxFamilyRule(string name) : Rule
{
    public override Signature Signature { get; } = new(name, new("x", ParameterKind.Tensor), new("axis", ParameterKind.Integer, new Argument.Size(-1)));

    protected abstract Domain Image { get; }

    public override void Infer(Inference i)
    {
        var x = i.Shape();
        if (i.TryAxis(i.Integer("axis"), x.Rank, "axis", out _)) i.Output(x with { Domain = Image });
    }

    /// <summary>Counted from the end: the same for value and tangent.</summary>
    protected static long FromEnd(NodeCode c) => c.Integer("axis") < 0 ? c.Integer("axis") : c.Integer("axis") - c.Shape().Rank;

    public override Algebra.Dim Flops(Node node, Graph graph) => 3 * graph.Values[node.Outputs[0]].Shape.Elements;
}
