using System;
using System.Collections.Generic;
using System.Linq;
using System.Text;
using Hybrid.Algebra;
using Hybrid.Graphs;
using Hybrid.Rules;

namespace Hybrid.Programs;

/// <summary>A graph's card.</summary>
public static class Cards
{
    private const int BytesOfFloat = 4;

    /// <summary>Trainable numbers of all layers, a polynomial in the [Param] sizes.</summary>
    public static Dim Parameters(Graph graph) => Sum(graph.Layers.Select(Parameters));

    /// <summary>Operations of one evaluation on numbers, a multiply-add counted as two.</summary>
    public static Dim Flops(Graph graph) => Sum(graph.Nodes.Select(node => Flops(graph, node)));

    private static Dim Flops(Graph graph, Node node) => RuleTable.Get(node.Operation).Flops(NodeCode.ToRead(graph, node));

    /// <summary>float32 bytes of all intermediate results that have memory of their own.</summary>
    public static Dim ActivationBytes(Graph graph)
        => BytesOfFloat * Sum(
            graph.Nodes.Where(node => !RuleTable.Get(node.Operation).IsView)
                .SelectMany(node => node.Outputs)
                .Select(output => graph.Values[output].Shape.Elements));

    public static ModelCard Of(Graph graph)
    {
        var counted = new HashSet<int>();
        var layers = graph.Nodes.Select(node => new CardLayer(
            node.Operation,
            node.Layer < 0 ? "" : graph.Layers[node.Layer].Key,
            string.Join(", ", node.Outputs.Select(output => ProgramFile.Round(graph.Values[output].Shape))),
            node.Layer < 0 || !counted.Add(node.Layer)
                ? ""
                : IsOther(graph, node.Layer)
                ? Other
                : Text(Parameters(graph.Layers[node.Layer])),
            IsOther(graph, node.Layer) ? Other : Text(Flops(graph, node)))).ToList();
        var smallest = Smallest(graph);
        return new ModelCard(
            graph.Name,
            ProgramFile.Mapping(graph),
            graph.Facts.Declared.Concat(graph.Facts.Inferred).Select(fact => fact.Text).ToList(),
            string.Join(", ", smallest.Select(size => $"{size.Key} = {size.Value}")),
            Text(Parameters(graph)) + Besides(graph, graph.Layers.Select((_, layer) => layer)),
            Text(Flops(graph)) + Besides(graph, graph.Nodes.Select(node => node.Layer)),
            Text(ActivationBytes(graph)) + Besides(graph, graph.Nodes.Select(node => node.Layer)),
            layers,
            graph.Layers.SelectMany(
                layer => layer.Weights.Select(weight => new CardTensor(layer.KeyOf(weight), ProgramFile.Round(weight.Shape)))).ToList(),
            Mermaid(graph));
    }

    /// <summary>
    /// The sizes with the smallest sum that fulfil every fact; symbols in the order they were declared. Each starts at the least value that
    /// its own facts allow; facts between symbols may ask for more.
    /// </summary>
    public static IReadOnlyDictionary<string, long> Smallest(Graph graph)
    {
        const int most = 256;
        var symbols = graph.Facts.Symbols.ToList();
        var sizes = symbols.ToDictionary(symbol => symbol, graph.Facts.Least);
        var facts = graph.Facts.Declared.Concat(graph.Facts.Inferred).ToList();
        for (var more = 0; more <= most; more++)
            if (Search(0, more)) return sizes;
        throw new InvalidOperationException($"{graph.Name}: no sizes within {most} of the least ones fulfil {graph.Facts}");

        // Spreads what is added to the least sizes over the symbols from `index` on.
        bool Search(int index, int left)
        {
            if (index == symbols.Count) return left == 0 && facts.All(fact => fact.Holds(symbol => sizes[symbol]) == true);
            var least = sizes[symbols[index]];
            for (var added = index == symbols.Count - 1 ? left : 0; added <= left; added++)
            {
                sizes[symbols[index]] = least + added;
                if (Search(index + 1, left - added)) return true;
            }
            sizes[symbols[index]] = least;
            return false;
        }
    }

    private const string Other = "its own";

    /// <summary>Another network or a hand-written module, of which this network's spec knows what goes in and out.</summary>
    private static bool IsOther(Graph graph, int layer) => layer >= 0 && RuleTable.Get(graph.Layers[layer].Operation).HoldsLayer;

    /// <summary>What is not counted here: the numbers of networks and modules inside, each on its own card.</summary>
    private static string Besides(Graph graph, IEnumerable<int> layers)
    {
        var keys = layers.Where(layer => IsOther(graph, layer)).Distinct().Select(layer => graph.Layers[layer].Key).ToList();
        return keys.Count == 0 ? "" : " + those of " + string.Join(", ", keys);
    }

    private static Dim Parameters(LayerInfo layer)
        => Sum(layer.Weights.Where(weight => weight.Role == WeightRole.Parameter).Select(weight => weight.Shape.Elements));

    private static Dim Sum(IEnumerable<Dim> parts) => parts.Aggregate(Dim.Zero, (sum, part) => sum + part);

    // Digits of a number in threes; a formula as the algebra writes it.
    private static string Text(Dim dim)
        => dim.TryConstant(out var number) ? number.ToString("#,0", System.Globalization.CultureInfo.InvariantCulture) : dim.ToString();

    /// <summary>Inputs and results round, operations square, the tensors' shapes on the edges.</summary>
    private static string Mermaid(Graph graph)
    {
        var text = new StringBuilder("flowchart TD\n");
        var source = new Dictionary<int, string>();
        foreach (var input in graph.Inputs)
        {
            source[input.Id] = $"i{input.Id}";
            text.Append($"  i{input.Id}([\"{input.Name}\"])\n");
        }
        for (var n = 0; n < graph.Nodes.Count; n++)
        {
            var node = graph.Nodes[n];
            var label = node.Layer < 0 ? node.Operation : $"{node.Operation}<br/>{graph.Layers[node.Layer].Key}";
            text.Append($"  n{n}[\"{label}\"]\n");
            foreach (var value in node.Inputs.Where(value => value >= 0)) Edge(value, $"n{n}");
            foreach (var output in node.Outputs) source[output] = $"n{n}";
        }
        for (var n = 0; n < graph.Outputs.Count; n++)
        {
            var name = n < graph.OutputNames.Count && graph.OutputNames[n].Length > 0
                ? graph.OutputNames[n]
                : graph.Outputs.Count == 1
                ? "result"
                : $"result {n + 1}";
            text.Append($"  o{n}([\"{name}\"])\n");
            Edge(graph.Outputs[n], $"o{n}");
        }
        return text.ToString();

        void Edge(int value, string target)
            => text.Append($"  {source[value]} -->|\"{string.Join(", ", graph.Values[value].Shape.Axes)}\"| {target}\n");
    }
}
