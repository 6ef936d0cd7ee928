using Hybrid.Graphs;
using Hybrid.Rules;

namespace Hybrid.Programs;

/// <summary>A network that another one holds as a layer: its programs are used by those of the outer network.</summary>
/// <param name="Name">Its class: <c>Zoo.Encoder</c>.</param>
/// <param name="Contract">What it promises, and which programs it has.</param>
internal sealed record InnerNetwork(string Name, Contract Contract)
{
    /// <summary>Its class as generated code names it.</summary>
    public string Type => "global::" + Name;

    /// <summary>The network that a layer is; null for a layer of any other kind, and for none (−1).</summary>
    public static InnerNetwork? Of(Graph graph, int layer)
    {
        if (layer < 0 || RuleTable.Get(graph.Layers[layer].Operation) is not { HoldsNetwork: true } rule) return null;
        string Text(string parameter) => ((Argument.Text)graph.Layers[layer].Arguments[rule.Signature.ConstantPositionOf(parameter)]).Value;
        return new InnerNetwork(Text("network"), Contract.Parse(Text("contract")));
    }
}
