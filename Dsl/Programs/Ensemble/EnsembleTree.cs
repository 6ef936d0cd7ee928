using System.Collections.Generic;
using System.Linq;
using Hybrid.Graphs;

namespace Hybrid.Programs;

/// <summary>Where an ensemble keeps its stacked parameters and buffers.</summary>
internal sealed class EnsembleTree : TensorTree
{
    private readonly List<(string Class, LayerInfo Example)> _classes = [];

    /// <inheritdoc cref="TensorTree(Graph, string, string)"/>
    public EnsembleTree(Graph graph, string type) : base(graph, type, "Ensemble")
    {
        foreach (var layer in Order)
            if (_classes.All(known => known.Class != Class(layer))) _classes.Add((Class(layer), graph.Layers[layer]));
    }

    protected override (string Parameters, string Arguments) Sources => ($"IReadOnlyList<{Type}> members", "members");

    protected override string Class(int layer) => ClassOf(Kind(Graph.Layers[layer]), Graph.Layers[layer].Operation + "Stack");

    protected override string Taking(int layer, Weight weight) => $"Stack(members, member => member.{SingleOf(layer, weight)})";

    protected override string InnerConstruction(int layer, string type) => $"{type}.Of(Parts(members, member => member.{PathOf(layer)}))";

    protected override string Sizes(Weight weight) => ProgramFile.Round("M", weight.Shape);

    protected override void WriteLayers(CSharpText text)
    {
        foreach (var (name, layer) in _classes) WriteHolder(text, name, layer, $"The tensors of M layers {layer.Operation}.");
    }
}
