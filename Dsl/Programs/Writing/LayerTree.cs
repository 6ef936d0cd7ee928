using System.Collections.Generic;
using System.Linq;
using Hybrid.Algebra;
using Hybrid.Graphs;
using Hybrid.Rules;

namespace Hybrid.Programs;

/// <summary>
/// Where the layers of a module live: TorchSharp's names hold no dots, so <c>block_1.stem</c> is the field <c>stem</c> of a container
/// <c>block_1</c>. Tensors that no layer of TorchSharp holds are fields themselves.
/// </summary>
internal sealed class LayerTree
{
    private readonly Dictionary<int, string> _paths = [];
    private readonly Dictionary<(int Layer, string Weight), string> _tensors = [];
    private readonly Graph _graph;

    // Members that nn.Module hands on; a test asks it for them.
    private static readonly string[] _inherited
        = ["_buffers", "_deviceIndex", "_deviceType", "_modules", "_parameters", "_to", "_toEpilog"];

    public LayerTree(Graph graph)
    {
        _graph = graph;
        // The fields of [Param] sizes stand beside those of layers.
        Root = new Container("", "", "", [.. graph.Parameters.Select(parameter => "_" + Names.Identifier(parameter.Name)), .. _inherited]);
        for (var i = 0; i < graph.Layers.Count; i++)
        {
            var layer = graph.Layers[i];
            if (CodeOf(i) is { } code)
            {
                _paths[i] = Add(layer.Key, i, null);
                foreach (var weight in layer.Weights)
                    _tensors[(i, weight.Name)] = code.HidesTensors
                        ? $"{_paths[i]}.get_parameter({CSharpText.Literal(weight.Name)})!"
                        : $"{_paths[i]}.{weight.Name}!";
            }
            else foreach (var weight in layer.Weights) _tensors[(i, weight.Name)] = Add(layer.KeyOf(weight), i, weight);
        }
    }

    /// <summary>Adds a field below the containers that the key's dots name.</summary>
    private string Add(string key, int layer, Weight? tensor)
    {
        var parts = key.Split('.');
        var container = Root;
        foreach (var part in parts.Take(parts.Length - 1)) container = container.Child(part);
        var field = container.Field(parts[parts.Length - 1]);
        container.Members.Add(new Member(layer, tensor, null, parts[parts.Length - 1], field));
        return container.Path + field;
    }

    public Container Root { get; }

    /// <summary><c>_block1._stem</c>; null when the network holds the layer's tensors itself.</summary>
    public string? PathOf(int layer) => _paths.TryGetValue(layer, out var path) ? path : null;

    /// <summary><c>_block1._stem.weight!</c></summary>
    public string PathOf(int layer, string weight) => _tensors[(layer, weight)];

    /// <summary>All tensors in the order in which the module registers them; those of a network inside are its own to list.</summary>
    public IEnumerable<(int Layer, Weight Weight)> Order
        => Entries.Where(entry => entry.Weight is not null).Select(entry => (entry.Layer, entry.Weight!));

    /// <summary>All tensors, and among them the networks inside, as layers without a tensor.</summary>
    public IEnumerable<(int Layer, Weight? Weight)> Entries => InOrder(Root);

    // A module lists its own tensors before those of the modules in it.
    private IEnumerable<(int, Weight?)> InOrder(Container container)
        => container.Members.OrderBy(member => member.Tensor is null).SelectMany(member =>
        member.Container is { } child ? InOrder(child)
        : member.Tensor is { } tensor ? [(member.Layer, tensor)]
        : InnerNetwork.Of(_graph, member.Layer) is not null ? [(member.Layer, null)]
        : _graph.Layers[member.Layer].Weights.Select(weight => (member.Layer, (Weight?)weight)));

    /// <summary>A field: of a layer, of a tensor, or of a container of these.</summary>
    internal sealed record Member(int Layer, Weight? Tensor, Container? Container, string Name, string Field);

    internal sealed class Container(string name, string path, string type, params string[] taken)
    {
        private readonly Names _fields = new(taken);

        public string Name { get; } = name;

        /// <summary>The prefix of its members as seen from the module: empty, or <c>_block1.</c></summary>
        public string Path { get; } = path;

        public string Type { get; } = type;

        /// <summary>In the order of the spec: checkpoints list layers as they come.</summary>
        public List<Member> Members { get; } = [];

        public string Field(string name) => _fields.Take("_" + Names.Identifier(name));

        public Container Child(string name)
        {
            if (Members.FirstOrDefault(member => member.Container is not null && member.Name == name) is { } known) return known.Container!;
            var field = Field(name);
            var child = new Container(
                name, $"{Path}{field}.", Names.Pascal((Type.Length > 0 ? Type + "." : "") + name) + (Type.Length > 0 ? "" : "Layers"));
            Members.Add(new Member(-1, null, child, name, field));
            return child;
        }
    }

    /// <summary>Fields, and in the constructor their construction and initialisation, of one container.</summary>
    public void WriteFields(CSharpText text, Container container, string access)
    {
        foreach (var (layer, tensor, child, name, field) in container.Members)
        {
            var declaration = $"[ComponentName(Name = {CSharpText.Literal(name)})] {access}";
            if (child is not null) text.Line($"{declaration} readonly {child.Type} {field};");
            // A module that is moved replaces its tensors: their fields are assigned again.
            else if (tensor is not null)
            {
                text.Line(
                    $"{declaration} {(tensor.Role == WeightRole.Parameter ? "Modules.Parameter" : "Tensor")} {field};",
                    ProgramFile.Round(tensor.Shape));
            }
            else if (_graph.Layers[layer].Weights.Count == 0) text.Line($"{declaration} readonly {CodeOf(layer)!.Type} {field};");
            else text.Line($"{declaration} readonly {CodeOf(layer)!.Type} {field};", Describe(layer));
        }
    }

    public void WriteConstruction(CSharpText text, Container container, string sizes)
    {
        foreach (var (layer, tensor, child, _, field) in container.Members)
        {
            if (child is not null)
            {
                text.Line($"{field} = new {child.Type}({sizes}device, dtype);");
                continue;
            }
            if (tensor is not null)
            {
                var empty = $"torch.empty({NodeCode.Longs(tensor.Shape.Sizes.Select(Size))}, dtype: dtype, device: "
                    + "device).DetachFromDisposeScope()";
                text.Line($"{field} = {(tensor.Role == WeightRole.Parameter ? $"nn.Parameter({empty})" : empty)};");
                text.Line(Initialisers.Own(tensor, field, tensor.FanIn is { } fanIn ? Size(fanIn) : null));
                continue;
            }
            var code = CodeOf(layer)!;
            text.Line($"{field} = {code.Construction};");
            if (code.IsForeign)
            {
                text.Line($"if (device is not null) global::TorchSharp.ModuleExtensionMethods.to({field}, device);");
                text.Line($"if (dtype is not null) global::TorchSharp.ModuleExtensionMethods.to({field}, dtype.Value);");
            }
            foreach (var weight in _graph.Layers[layer].Weights)
                if (Initialisers.Call(weight.Init, $"{field}.{weight.Name}!") is { } call) text.Line(call);
        }
    }

    private string Describe(int layer)
        => string.Join(
            ", ",
            _graph.Layers[layer].Weights.Where(weight => weight.Role == WeightRole.Parameter)
                .Select(weight => $"{weight.Name} {ProgramFile.Round(weight.Shape)}"));

    private LayerCode? CodeOf(int layer)
    {
        var node = _graph.Nodes.First(candidate => candidate.Layer == layer);
        var code = new NodeCode(_graph, node, _ => "", _ => "", Size, "");
        return RuleTable.Get(_graph.Layers[layer].Operation).Layer(code);
    }

    /// <summary>A size where weights are made: symbols that the facts fix are numbers there.</summary>
    private string Size(Dim dim) => DimText.CSharp(dim.Substitute(name => _graph.Facts.ConstantOf(name)), "FloorDiv", name => name);

    public void WriteContainers(CSharpText text, Container container, string parameters, string sizes)
    {
        foreach (var child in container.Members.Select(member => member.Container).OfType<Container>())
        {
            text.Line();
            text.Line($"/// <summary>The layers below <c>{child.Name}</c>.</summary>");
            text.Block($"internal sealed class {child.Type} : nn.Module", () =>
            {
                WriteFields(text, child, "internal");
                text.Line();
                text.Block($"internal {child.Type}({parameters}torch.Device? device, torch.ScalarType? dtype) : "
                    + $"base({CSharpText.Literal(child.Name)})", () =>
                {
                    WriteConstruction(text, child, sizes);
                    text.Line("RegisterComponents();");
                });
            });
            WriteContainers(text, child, parameters, sizes);
        }
    }
}
