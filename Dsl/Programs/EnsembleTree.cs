using System.Collections.Generic;
using System.Linq;
using Hybrid.Graphs;

namespace Hybrid.Programs;

/// <summary>
/// Where an ensemble keeps its tensors: the containers of the single network, and in place of each layer a module of its stacked parameters and
/// buffers, registered under the same names.
/// </summary>
internal sealed class EnsembleTree
{
    private readonly Graph _graph;
    private readonly string _type;
    private readonly LayerTree _tree;
    private readonly Dictionary<string, string> _classes = new(System.StringComparer.Ordinal);
    private readonly List<LayerInfo> _examples = [];

    /// <param name="graph">The network.</param>
    /// <param name="type">Its class.</param>
    public EnsembleTree(Graph graph, string type)
    {
        (_graph, _type, _tree) = (graph, type, new LayerTree(graph));
        var names = new Names("Ensemble", type);
        foreach (var container in Containers(_tree.Root)) names.Take(container.Type);
        // Layers of one kind with the same tensors share a class.
        for (var i = 0; i < _graph.Layers.Count; i++)
        {
            var layer = _graph.Layers[i];
            if (layer.Weights.Count == 0 || _tree.PathOf(i) is null || _classes.ContainsKey(Kind(layer))) continue;
            _classes[Kind(layer)] = names.Take(layer.Operation + "Stack");
            _examples.Add(layer);
        }
    }

    /// <summary>Every tensor: its path in the ensemble, and in a single network.</summary>
    public IEnumerable<(string Path, string Single, Weight Weight)> Tensors
        => _tree.Order.Select(tensor => (PathOf(tensor.Layer, tensor.Weight.Name), _tree.PathOf(tensor.Layer, tensor.Weight.Name), tensor.Weight));

    /// <summary><c>_block1._stem.weight</c>; a tensor that a network holds itself is where it is there.</summary>
    public string PathOf(int layer, string weight) => _tree.PathOf(layer) is { } path ? $"{path}.{Names.Escaped(weight)}" : _tree.PathOf(layer, weight);

    public void WriteFields(CSharpText text) => Fields(text, _tree.Root, "private");

    public void WriteConstruction(CSharpText text) => Construction(text, _tree.Root);

    private void Fields(CSharpText text, LayerTree.Container container, string access)
    {
        foreach (var (layer, tensor, child, name, field) in container.Members)
        {
            var component = $"[ComponentName(Name = {CSharpText.Literal(name)})] {access}";
            var declaration = component + " readonly";
            if (child is not null) text.Line($"{declaration} {child.Type} {field};");
            // Not read-only: a module that is moved writes them anew.
            else if (tensor is not null) text.Line($"{component} {(tensor.Role == WeightRole.Parameter ? "Modules.Parameter" : "Tensor")} {field};", Stacked(tensor));
            else if (_graph.Layers[layer].Weights.Count > 0)
                text.Line($"{declaration} {Class(layer)} {field};", string.Join(", ", _graph.Layers[layer].Weights.Where(weight => weight.Role == WeightRole.Parameter).Select(weight => $"{weight.Name} {Stacked(weight)}")));
        }
    }

    private void Construction(CSharpText text, LayerTree.Container container)
    {
        foreach (var (layer, tensor, child, _, field) in container.Members)
        {
            if (child is not null) text.Line($"{field} = new {child.Type}(members);");
            else if (tensor is not null)
            {
                var stack = $"Stack(members, member => member.{_tree.PathOf(layer, tensor.Name)})";
                text.Line($"{field} = {(tensor.Role == WeightRole.Parameter ? $"new Modules.Parameter({stack})" : stack)};");
            }
            else if (_graph.Layers[layer].Weights.Count > 0)
                text.Line($"{field} = new {Class(layer)}({string.Join(", ", _graph.Layers[layer].Weights.Select(weight => $"Stack(members, member => member.{_tree.PathOf(layer, weight.Name)})"))});");
        }
    }

    /// <summary>The containers, then one class for each kind of layer.</summary>
    public void WriteClasses(CSharpText text)
    {
        foreach (var container in Containers(_tree.Root))
        {
            text.Line();
            text.Line($"/// <summary>The layers below <c>{container.Name}</c>.</summary>");
            text.Block($"private sealed class {container.Type} : nn.Module", () =>
            {
                Fields(text, container, "internal");
                text.Line();
                text.Block($"internal {container.Type}(IReadOnlyList<{_type}> members) : base({CSharpText.Literal(container.Name)})", () =>
                {
                    Construction(text, container);
                    text.Line("RegisterComponents();");
                });
            });
        }
        foreach (var layer in _examples)
        {
            var name = _classes[Kind(layer)];
            text.Line();
            text.Summary($"The tensors of M layers {layer.Operation}.");
            text.Block($"private sealed class {name} : nn.Module", () =>
            {
                // Not read-only: a module that is moved writes them anew.
                foreach (var weight in layer.Weights)
                    text.Line($"[ComponentName(Name = {CSharpText.Literal(weight.Name)})] internal {(weight.Role == WeightRole.Parameter ? "Modules.Parameter" : "Tensor")} {Names.Escaped(weight.Name)};");
                text.Line();
                text.Block($"internal {name}({string.Join(", ", layer.Weights.Select(weight => $"Tensor {Names.Escaped(weight.Name)}"))}) : base({CSharpText.Literal(layer.Operation)})", () =>
                {
                    foreach (var weight in layer.Weights)
                    {
                        var field = Names.Escaped(weight.Name);
                        text.Line(weight.Role == WeightRole.Parameter ? $"this.{field} = new Modules.Parameter({field});" : $"this.{field} = {field};");
                    }
                    text.Line("RegisterComponents();");
                });
            });
        }
    }

    private static IEnumerable<LayerTree.Container> Containers(LayerTree.Container container)
        => container.Members.Select(member => member.Container).OfType<LayerTree.Container>().SelectMany(child => new[] { child }.Concat(Containers(child)));

    private string Class(int layer) => _classes[Kind(_graph.Layers[layer])];

    private static string Kind(LayerInfo layer) => $"{layer.Operation}({string.Join(", ", layer.Weights.Select(weight => $"{weight.Role} {weight.Name}"))})";

    private static string Stacked(Weight weight) => weight.Shape.Rank == 0 ? "(M)" : "(M, " + ProgramFile.Round(weight.Shape).Substring(1);
}
