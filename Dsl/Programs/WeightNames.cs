using System;
using System.Collections.Generic;
using System.Linq;
using Hybrid.Graphs;

namespace Hybrid.Programs;

/// <summary>The tensors of a graph as properties of its <c>Weights</c> record.</summary>
internal sealed class WeightNames
{
    private readonly Dictionary<(int Layer, string Weight), string> _properties = [];
    private readonly Dictionary<string, string> _sizes = new(StringComparer.Ordinal);

    public WeightNames(Graph graph)
    {
        // Members that the record has of its own.
        var names = new Names("Weights", "Parameters", "Buffers", "ParameterNames", "BufferNames", "WithParameters", "Map", "Zip", "Copy", "Clone", "ToVector", "FromVector", "Of", "CopyTo", "Equals", "ToString", "GetHashCode", "EqualityContract");
        foreach (var parameter in graph.Parameters) _sizes[parameter.Name] = names.Take(Names.Pascal(parameter.Name));
        foreach (var (layer, weight) in new LayerTree(graph).Order)
        {
            var property = names.Take(Names.Pascal(graph.Layers[layer].KeyOf(weight)));
            _properties[(layer, weight.Name)] = property;
            All.Add((layer, weight, property, graph.Layers[layer].KeyOf(weight)));
        }
    }

    /// <summary>In the module's registration order.</summary>
    public List<(int Layer, Weight Weight, string Property, string Key)> All { get; } = [];

    public IEnumerable<(int Layer, Weight Weight, string Property, string Key)> With(WeightRole role) => All.Where(entry => entry.Weight.Role == role);

    public string this[int layer, string weight] => "w." + _properties[(layer, weight)];

    /// <summary>The property that keeps a [Param].</summary>
    public string SizeProperty(string parameter) => _sizes[parameter];
}
