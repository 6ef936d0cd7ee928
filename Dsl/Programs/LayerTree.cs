using System.Collections.Generic;
using System.Linq;
using Hybrid.Algebra;
using Hybrid.Graphs;
using Hybrid.Rules;

namespace Hybrid.Programs;

/// <summary>
/// Where the layers of a module live: TorchSharp's names hold no dots, so <c>block_1.stem</c> is the field <c>stem</c> of a container
/// <c>block_1</c>.
/// </summary>
internal sealed class LayerTree
{
    private readonly Dictionary<int, string> _paths = [];
    private readonly Graph _graph;

    public LayerTree(Graph graph)
    {
        _graph = graph;
        Root = new Container("", "", "");
        for (var i = 0; i < graph.Layers.Count; i++)
        {
            var parts = graph.Layers[i].Key.Split('.');
            var container = Root;
            foreach (var part in parts.Take(parts.Length - 1)) container = container.Child(part);
            var field = container.Field(parts[parts.Length - 1]);
            container.Members.Add(new Member(i, null, parts[parts.Length - 1], field));
            _paths[i] = container.Path + field;
        }
    }

    public Container Root { get; }

    /// <summary><c>_block1._stem</c></summary>
    public string PathOf(int layer) => _paths[layer];

    /// <summary>All layers in the order in which the module registers them.</summary>
    public IEnumerable<int> Order => InOrder(Root);

    private static IEnumerable<int> InOrder(Container container)
        => container.Members.SelectMany(member => member.Container is { } child ? InOrder(child) : [member.Layer]);

    /// <summary>A field: of a layer, or of a container of layers.</summary>
    internal sealed record Member(int Layer, Container? Container, string Name, string Field);

    internal sealed class Container(string name, string path, string type)
    {
        private readonly Names _fields = new();

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
            var child = new Container(name, $"{Path}{field}.", Names.Pascal((Type.Length > 0 ? Type + "." : "") + name) + (Type.Length > 0 ? "" : "Layers"));
            Members.Add(new Member(-1, child, name, field));
            return child;
        }
    }

    /// <summary>Fields, and in the constructor their construction and initialisation, of one container.</summary>
    public void WriteFields(CSharpText text, Container container, string access)
    {
        foreach (var (layer, child, name, field) in container.Members)
        {
            var declaration = $"[ComponentName(Name = {CSharpText.Literal(name)})] {access} readonly";
            if (child is not null) text.Line($"{declaration} {child.Type} {field};");
            else if (_graph.Layers[layer].Weights.Count == 0) text.Line($"{declaration} {CodeOf(layer).Type} {field};");
            else text.Line($"{declaration} {CodeOf(layer).Type} {field};", Describe(layer));
        }
    }

    public void WriteConstruction(CSharpText text, Container container, string sizes)
    {
        foreach (var (layer, child, _, field) in container.Members)
        {
            if (child is not null)
            {
                text.Line($"{field} = new {child.Type}({sizes}device, dtype);");
                continue;
            }
            var code = CodeOf(layer);
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
        => string.Join(", ", _graph.Layers[layer].Weights.Where(weight => weight.Role == WeightRole.Parameter).Select(weight => $"{weight.Name} {ProgramFile.Round(weight.Shape)}"));

    private LayerCode CodeOf(int layer)
    {
        var info = _graph.Layers[layer];
        var node = _graph.Nodes.First(candidate => candidate.Layer == layer);
        var code = new NodeCode(_graph, node, _ => "", _ => "", dim => DimText.CSharp(Fixed(dim), "FloorDiv", name => name), "");
        return RuleTable.Get(info.Operation).Layer(code)
            ?? throw new System.InvalidOperationException($"{info.Operation} has weights but no layer to hold them");
    }

    /// <summary>Symbols that the facts fix are numbers where weights are made.</summary>
    private Dim Fixed(Dim dim) => dim.Substitute(name => _graph.Facts.ConstantOf(name));

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
                text.Block($"internal {child.Type}({parameters}torch.Device? device, torch.ScalarType? dtype) : base({CSharpText.Literal(child.Name)})", () =>
                {
                    WriteConstruction(text, child, sizes);
                    text.Line("RegisterComponents();");
                });
            });
            WriteContainers(text, child, parameters, sizes);
        }
    }
}
