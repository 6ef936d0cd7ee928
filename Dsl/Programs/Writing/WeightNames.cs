using System;
using System.Collections.Generic;
using System.Linq;
using Hybrid.Graphs;

namespace Hybrid.Programs;

/// <summary>A property of a <c>Weights</c> record: a tensor, or the weights of a network inside.</summary>
/// <param name="Layer">The layer.</param>
/// <param name="Weight">Its tensor; null for a network inside.</param>
/// <param name="Property">The property's name.</param>
/// <param name="Key">The checkpoint key of the tensor or network.</param>
/// <param name="Inner">The record of a network inside, <c>global::Zoo.Encoder.Weights</c>; null for a tensor.</param>
internal sealed record WeightEntry(int Layer, Weight? Weight, string Property, string Key, string? Inner);

/// <summary>The tensors of a graph as properties of its <c>Weights</c> record.</summary>
internal sealed class WeightNames
{
    private readonly Dictionary<(int Layer, string Weight), string> _properties = [];
    private readonly Dictionary<string, string> _sizes = new(StringComparer.Ordinal);

    public WeightNames(Graph graph)
    {
        // Members that the record has of its own.
        var names = new Names(
            "Weights",
            "Parameters",
            "Buffers",
            "ParameterNames",
            "BufferNames",
            "WithParameters",
            "Map",
            "Zip",
            "Copy",
            "Clone",
            "ToVector",
            "FromVector",
            "Of",
            "CopyTo",
            "Equals",
            "ToString",
            "GetHashCode",
            "EqualityContract");
        foreach (var parameter in graph.Parameters) _sizes[parameter.Name] = names.Take(Names.Pascal(parameter.Name));
        foreach (var (layer, weight) in new LayerTree(graph).Entries)
        {
            var key = weight is null ? graph.Layers[layer].Key : graph.Layers[layer].KeyOf(weight);
            var property = names.Take(Names.Pascal(key));
            _properties[(layer, weight?.Name ?? "")] = property;
            All.Add(
                new WeightEntry(layer, weight, property, key, weight is null ? InnerNetwork.Of(graph, layer)!.Type + ".Weights" : null));
        }
    }

    /// <summary>In the module's registration order.</summary>
    public List<WeightEntry> All { get; } = [];

    /// <summary>The tensors of a role; networks inside, which may have some, are among them.</summary>
    public IEnumerable<WeightEntry> With(WeightRole role) => All.Where(entry => entry.Weight is null || entry.Weight.Role == role);

    public string this[int layer, string weight] => "w." + _properties[(layer, weight)];

    /// <summary>The property that keeps a [Param].</summary>
    public string SizeProperty(string parameter) => _sizes[parameter];
}
