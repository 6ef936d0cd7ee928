using System;
using System.Collections.Generic;
using System.Linq;
using Hybrid.Graphs;

namespace Hybrid.Programs;

/// <summary>
/// Where a derived module keeps its tensors: the containers of the single network, and in place of each layer a module of tensors,
/// registered under the network's own names.
/// </summary>
internal abstract class TensorTree
{
    private readonly LayerTree _tree;
    private readonly string _own;
    private readonly Dictionary<string, string> _classes = new(StringComparer.Ordinal);

    /// <param name="graph">The network.</param>
    /// <param name="type">Its class.</param>
    /// <param name="own">The derived module's class.</param>
    protected TensorTree(Graph graph, string type, string own)
    {
        (Graph, Type, _own, _tree) = (graph, type, own, new LayerTree(graph));
        Taken = new Names(own, type);
        foreach (var container in Containers(_tree.Root)) Taken.Take(container.Type);
    }

    protected Graph Graph { get; }

    protected string Type { get; }

    /// <summary>Names of nested classes.</summary>
    protected Names Taken { get; }

    /// <summary>What constructors of containers take, and what they hand on.</summary>
    protected abstract (string Parameters, string Arguments) Sources { get; }

    /// <summary>The class that holds a layer's tensors; layers of one <paramref name="kind"/> share it.</summary>
    protected string ClassOf(string kind, string wish)
        => _classes.TryGetValue(kind, out var known) ? known : _classes[kind] = Taken.Take(wish);

    /// <summary>The class of a layer.</summary>
    protected abstract string Class(int layer);

    /// <summary>The expression of a tensor, made from those of single networks.</summary>
    protected abstract string Taking(int layer, Weight weight);

    /// <summary>The arguments that make a layer's tensors.</summary>
    protected virtual string Construction(int layer)
        => string.Join(", ", Graph.Layers[layer].Weights.Select(weight => Taking(layer, weight)));

    /// <summary>The derived program of a network inside, made from those of single networks.</summary>
    protected abstract string InnerConstruction(int layer, string type);

    /// <summary>A tensor's sizes, for comments.</summary>
    protected virtual string Sizes(Weight weight) => ProgramFile.Round(weight.Shape);

    /// <summary>The classes of layers.</summary>
    protected abstract void WriteLayers(CSharpText text);

    /// <summary>Every tensor of the single network: its path here, and there.</summary>
    public IEnumerable<(string Path, string Single, Weight Weight)> Tensors
        => _tree.Order.Select(
            tensor => (PathOf(tensor.Layer, tensor.Weight.Name), _tree.PathOf(tensor.Layer, tensor.Weight.Name), tensor.Weight));

    /// <summary>
    /// The networks inside: their layers, where their derived programs are here and they themselves in the single network, and the type of
    /// these programs.
    /// </summary>
    public IEnumerable<(int Layer, string Path, string Single, string Type)> Inner
        => _tree.Entries.Where(entry => entry.Weight is null)
            .Select(entry => (entry.Layer, PathOf(entry.Layer), PathOf(entry.Layer), InnerType(entry.Layer)!));

    private string? InnerType(int layer) => InnerNetwork.Of(Graph, layer) is { } inner ? $"{inner.Type}.{_own}" : null;

    /// <summary>Layers that hold tensors, in the order of registration.</summary>
    public IEnumerable<int> Order => _tree.Order.Select(tensor => tensor.Layer).Where(IsHeld).Distinct();

    /// <summary>Whether a module of its own holds a layer's tensors; otherwise the network does.</summary>
    protected bool IsHeld(int layer) => _tree.PathOf(layer) is not null && Graph.Layers[layer].Weights.Count > 0;

    /// <summary><c>_block1._stem</c></summary>
    public string PathOf(int layer) => _tree.PathOf(layer)!;

    /// <summary>
    /// <c>_block1._stem.weight</c>; a tensor that a network holds itself is where it is there. No name: the program of a network inside.
    /// </summary>
    public string PathOf(int layer, string weight)
        => _tree.PathOf(layer) is not { } path
            ? _tree.PathOf(layer, weight)
            : weight.Length == 0
            ? path
            : $"{path}.{Names.Escaped(weight)}";

    /// <summary>A tensor of a single network.</summary>
    protected string SingleOf(int layer, Weight weight) => _tree.PathOf(layer, weight.Name);

    /// <summary>Declares a new network of the same sizes, type and device, whose numbers are to be overwritten.</summary>
    /// <param name="text">Where it is written.</param>
    /// <param name="local">What the network is called.</param>
    /// <param name="sizes">The [Param]s as arguments.</param>
    public void WriteEmpty(CSharpText text, string local, string sizes)
    {
        text.Line("// What the constructor draws is overwritten below: the stream of random numbers stays where it was.");
        text.Line("using var state = torch.get_rng_state();");
        var like = Tensors.Where(tensor => tensor.Weight.Role == WeightRole.Parameter).Select(tensor => tensor.Path).FirstOrDefault();
        var isNested = like is null && Inner.Any();
        if (isNested) text.Line("var like = global::System.Linq.Enumerable.FirstOrDefault(parameters());");
        var dtype = like is not null ? $"dtype: {like}.dtype" : isNested ? "dtype: like?.dtype" : "";
        text.Line($"var {local} = new {Type}({sizes}{dtype});".Replace(", )", ")"));
        text.Line("torch.set_rng_state(state);");
        if (like is not null) text.Line($"global::TorchSharp.ModuleExtensionMethods.to({local}, {like}.device);");
        else if (isNested) text.Line($"if (like is not null) global::TorchSharp.ModuleExtensionMethods.to({local}, like.device);");
    }

    public void WriteFields(CSharpText text) => Fields(text, _tree.Root, "private");

    public void WriteConstruction(CSharpText text) => Construct(text, _tree.Root);

    private void Fields(CSharpText text, LayerTree.Container container, string access)
    {
        foreach (var (layer, tensor, child, name, field) in container.Members)
        {
            var component = $"[ComponentName(Name = {CSharpText.Literal(name)})] {access}";
            if (child is not null) text.Line($"{component} readonly {child.Type} {field};");
            else if (tensor is null && InnerType(layer) is { } inner) text.Line($"{component} readonly {inner} {field};");
            // Not read-only: a module that is moved writes them again.
            else if (tensor is not null)
                text.Line($"{component} {(tensor.Role == WeightRole.Parameter ? "Modules.Parameter" : "Tensor")} {field};", Sizes(tensor));
            else if (IsHeld(layer))
                text.Line(
                    $"{component} readonly {Class(layer)} {field};",
                    string.Join(
                        ", ",
                        Graph.Layers[layer].Weights.Where(weight => weight.Role == WeightRole.Parameter)
                            .Select(weight => $"{weight.Name} {Sizes(weight)}")));
        }
    }

    private void Construct(CSharpText text, LayerTree.Container container)
    {
        foreach (var (layer, tensor, child, _, field) in container.Members)
        {
            if (child is not null) text.Line($"{field} = new {child.Type}({Sources.Arguments});");
            else if (tensor is null && InnerType(layer) is { } inner) text.Line($"{field} = {InnerConstruction(layer, inner)};");
            else if (tensor is not null)
            {
                var taken = Taking(layer, tensor);
                text.Line($"{field} = {(tensor.Role == WeightRole.Parameter ? $"new Modules.Parameter({taken})" : taken)};");
            }
            else if (IsHeld(layer)) text.Line($"{field} = new {Class(layer)}({Construction(layer)});");
        }
    }

    /// <summary>The containers, then the classes of layers.</summary>
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
                text.Block($"internal {container.Type}({Sources.Parameters}) : base({CSharpText.Literal(container.Name)})", () =>
                {
                    Construct(text, container);
                    text.Line("RegisterComponents();");
                });
            });
        }
        WriteLayers(text);
    }

    /// <summary>A class that holds tensors as parameters and buffers.</summary>
    protected static void WriteHolder(CSharpText text, string name, LayerInfo layer, string summary)
    {
        text.Line();
        text.Summary(summary);
        text.Block($"private sealed class {name} : nn.Module", () =>
        {
            // Not read-only: a module that is moved writes them again.
            foreach (var weight in layer.Weights)
                text.Line(
                    $"[ComponentName(Name = {CSharpText.Literal(weight.Name)})] internal "
                        + $"{(weight.Role == WeightRole.Parameter ? "Modules.Parameter" : "Tensor")} {Names.Escaped(weight.Name)};");
            text.Line();
            text.Block($"internal {name}({string.Join(", ", layer.Weights.Select(weight => $"Tensor {Names.Escaped(weight.Name)}"))}) : "
                + $"base({CSharpText.Literal(layer.Operation)})", () =>
            {
                foreach (var weight in layer.Weights)
                {
                    var field = Names.Escaped(weight.Name);
                    text.Line(
                        weight.Role == WeightRole.Parameter
                            ? $"this.{field} = new Modules.Parameter({field});"
                            : $"this.{field} = {field};");
                }
                text.Line("RegisterComponents();");
            });
        });
    }

    protected static string Kind(LayerInfo layer)
        => $"{layer.Operation}({string.Join(", ", layer.Weights.Select(weight => $"{weight.Role} {weight.Name}"))})";

    private static IEnumerable<LayerTree.Container> Containers(LayerTree.Container container)
        => container.Members.Select(member => member.Container)
            .OfType<LayerTree.Container>()
            .SelectMany(child => new[] { child }.Concat(Containers(child)));
}
