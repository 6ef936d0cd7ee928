using System.Collections.Generic;
using System.Linq;
using Hybrid.Rules;

namespace Hybrid.Graphs;

/// <summary>
/// HYB4015: weights of a network, or all inputs of a loss, that no gradient reaches, because every way from them passes a place where
/// derivatives stop: a <c>.Detach()</c>, an index, a truth value. Training runs, and they stay as they started.
/// </summary>
internal sealed class Learning(GraphBuilder builder, IReadOnlyList<Node> nodes, IReadOnlyList<LayerInfo> layers)
{
    private const string Id = "HYB4015";
    private const int MostNames = 3;

    public void Check(IReadOnlyList<Value> outputs)
    {
        // What gives indices or truth values alone decides; it is not trained by what it gives.
        var real = outputs.Where(output => output.Shape.Element == ElementType.Real).Select(output => output.Id).ToList();
        if (real.Count == 0) return;
        var reached = new HashSet<int>(real);
        foreach (var node in nodes.Reverse().Where(node => node.Outputs.Any(reached.Contains))) reached.UnionWith(Passing(node));
        if (builder.Kind == GraphKind.Loss) Loss(reached);
        else Network(reached, real);
    }

    private void Network(HashSet<int> reached, IReadOnlyList<int> outputs)
    {
        var trained = nodes
            .Where(node => node.Layer >= 0 && layers[node.Layer].Weights.Any(weight => weight.Role == WeightRole.Parameter))
            .GroupBy(node => node.Layer)
            .ToList();
        var still = trained.Where(layer => !layer.SelectMany(node => node.Outputs).Any(reached.Contains)).ToList();
        if (still.Count == 0) return;
        var contributing = new HashSet<int>(outputs);
        foreach (var node in nodes.Reverse().Where(node => node.Outputs.Any(contributing.Contains))) contributing.UnionWith(node.Inputs);
        var stops = still
            .Select(layer => (layer.Key, Stops: Stops(layer.SelectMany(node => node.Outputs)).ToList()))
            // A part that is kept as it is by a Detach, as a trained encoder below a new head, is meant to be.
            .Where(layer => still.Count == trained.Count || layer.Stops.All(stop => stop.Operation != "Detach"))
            .Select(layer => (layer.Key, Stop: layer.Stops.FirstOrDefault(stop => stop.Outputs.Any(contributing.Contains))))
            .Where(layer => layer.Stop is not null)
            .GroupBy(layer => layer.Stop!)
            .OrderBy(group => group.Key.Outputs[0]);
        foreach (var stop in stops)
        {
            var names = stop.Select(layer => $"'{layers[layer.Key].Key}'").ToList();
            var listed = string.Join(", ", names.Take(MostNames)) + (names.Count > MostNames ? $" and {names.Count - MostNames} more" : "");
            builder.Report(new Fault(
                Id,
                $"{Name(stop.Key)} {(stop.Key.Operation == "Detach" ? "keeps every gradient back" : "has no derivative")}: {listed} "
                    + $"{(names.Count == 1 ? "gets" : "get")} no gradient, and training leaves {(names.Count == 1 ? "it" : "them")} as "
                    + $"{(names.Count == 1 ? "it" : "they")} started. {Advice(stop.Key)}",
                stop.Key.Origin,
                stop.Select(layer => layers[layer.Key].Origin).Where(origin => origin.IsKnown).ToEquatable()));
        }
    }

    private void Loss(HashSet<int> reached)
    {
        var inputs = builder.Inputs.Where(input => input.Shape.Element == ElementType.Real).Select(input => input.Id).ToList();
        if (inputs.Count == 0) return;
        if (!inputs.Any(reached.Contains))
        {
            if (Stops(inputs).FirstOrDefault(stop => stop.Operation == "Detach") is not { } stop) return;
            builder.Report(new Fault(
                Id,
                "Detach keeps every gradient from the inputs of the loss, so that it trains nothing. Leave out the one of what is trained.",
                stop.Origin));
            return;
        }
        var moving = new HashSet<int>(inputs);
        foreach (var node in nodes.Where(node => Passing(node).Any(moving.Contains))) moving.UnionWith(node.Outputs);
        foreach (var node in nodes)
        {
            var compared = node.Inputs.Where(input => input >= 0).Take(2).ToList();
            if (compared.Count != 2 || compared.Any(moving.Contains)) continue;
            var isLoss = RuleTable.Get(node.Operation) is LossRule or CrossEntropyRule;
            var detached = compared.Count(input => builder.ProducerOf(builder.ValueOf(input)) is { Operation: "Detach" });
            if (!(isLoss && detached > 0) && !(node.Operation == "-" && detached == 2)) continue;
            builder.Report(new Fault(
                Id,
                $"{Name(node)} compares what is detached on both sides, so that it trains nothing. Leave out the .Detach() of the side "
                    + "that "
                    + "is to move.",
                node.Origin));
        }
    }

    /// <summary>The inputs to which a node hands a gradient on.</summary>
    private IEnumerable<int> Passing(Node node)
    {
        var rule = RuleTable.Get(node.Operation);
        if (!node.Outputs.Any(output => builder.ValueOf(output).Shape.Element == ElementType.Real)) yield break;
        var n = 0;
        foreach (var parameter in rule.Signature.TensorParameters)
        {
            var input = node.Inputs[n++];
            if (input >= 0 && builder.ValueOf(input).Shape.Element == ElementType.Real && rule.Differentiates(parameter.Name))
                yield return input;
        }
    }

    /// <summary>The nodes at which the ways from some values end, in the graph's order.</summary>
    private IEnumerable<Node> Stops(IEnumerable<int> values)
    {
        var open = new HashSet<int>(values);
        foreach (var node in nodes)
        {
            if (!node.Inputs.Any(open.Contains)) continue;
            if (Passing(node).Any(open.Contains)) open.UnionWith(node.Outputs);
            else yield return node;
        }
    }

    private static string Name(Node node) => node.Operation.All(char.IsLetterOrDigit) ? node.Operation : $"'{node.Operation}'";

    private static string Advice(Node stop) => stop.Operation switch
    {
        "Detach" => "Leave it out, or leave something to train.",
        "ArgMax" or "ArgMin" => "Use .Softmax() for weights that are learned, or add what is soft: soft + (hard - soft).Detach().",
        _ => "Use .Sigmoid() of the difference, or add what is soft: soft + (hard - soft).Detach().",
    };
}
