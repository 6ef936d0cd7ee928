using System;
using System.Collections.Generic;
using System.Linq;
using Hybrid.Graphs;

namespace Hybrid.Programs;

/// <summary>The lines of a program's body.</summary>
internal static class Steps
{
    /// <summary>One node's line with the shape as its comment.</summary>
    /// <param name="graph">The graph.</param>
    /// <param name="locals">The names of its values.</param>
    /// <param name="node">What is computed.</param>
    /// <param name="expression">The value.</param>
    /// <param name="weight">The expression of a layer's weight, by the layer's number and the weight's name; null in a program
    /// without.</param>
    public static (string Line, string Shape) Assign(
        Graph graph,
        Locals locals,
        Node node,
        string expression,
        Func<int, string, string>? weight = null)
    {
        if (MakesReal(graph, node) && RealTensor(graph, locals, weight) is { } real) expression = $"({expression}).to({real}.dtype)";
        var shapes = string.Join(", ", node.Outputs.Select(output => ProgramFile.Round(graph.Values[output].Shape)));
        if (node.Outputs.Count > 1)
            return ($"var ({string.Join(", ", node.Outputs.Select(output => locals[output]))}) = {expression};", shapes);
        var target = node.Outputs[0];
        return ($"{(locals.IsReassigned(target) ? "" : "var ")}{locals[target]} = {expression};", shapes);
    }

    /// <summary>
    /// Whether real numbers come of whole ones alone: libtorch gives them the default type, which need not be the network's.
    /// </summary>
    private static bool MakesReal(Graph graph, Node node)
    {
        var given = node.Inputs.Where(input => input >= 0).ToList();
        return node.Layer < 0 && given.Count > 0 && given.All(input => graph.Values[input].Shape.Element != ElementType.Real)
            && node.Outputs.All(output => graph.Values[output].Shape.Element == ElementType.Real);
    }

    /// <summary>A tensor of the network's type: an input, whose local is never assigned again, or a weight.</summary>
    private static string? RealTensor(Graph graph, Locals locals, Func<int, string, string>? weight)
    {
        if (graph.Inputs.FirstOrDefault(input => input.Shape.Element == ElementType.Real) is { } input) return locals[input.Id];
        for (var layer = 0; weight is not null && layer < graph.Layers.Count; layer++)
            if (graph.Layers[layer].Weights.FirstOrDefault(candidate => candidate.Role == WeightRole.Parameter) is { } parameter)
                return weight(layer, parameter.Name);
        return null;
    }

    /// <summary>
    /// Leaves the scope with the results. An input that is a result is given out as an alias, so that the caller's own is not moved.
    /// </summary>
    public static string Return(Graph graph, Locals locals, string move = ".MoveToOuterDisposeScope()")
    {
        var results = graph.Outputs.Select((output, i) =>
        {
            var repeated = graph.Outputs.Take(i).Contains(output);
            return output < graph.InputCount || repeated ? $"{locals[output]}.alias(){move}" : $"{locals[output]}{move}";
        }).ToList();
        return results.Count == 1 ? $"return {results[0]};" : $"return ({string.Join(", ", results)});";
    }

    public static bool DependsOnTraining(Graph graph) => graph.Nodes.Any(node => Rules.RuleTable.Get(node.Operation).DependsOnTraining);

    /// <summary>
    /// The parameters of a static program: weights if it has any, inputs, what else it takes, a loss's [Param]s, and the training switch;
    /// of a loss only where it matters. A network always has it, since one that contains it hands its own on.
    /// </summary>
    public static string Parameters(Graph graph, Locals locals, IEnumerable<string>? more = null)
    {
        var parameters = new List<string>();
        if (graph.Kind == GraphKind.Network) parameters.Add("Weights w");
        parameters.AddRange(graph.Inputs.Select(input => $"Tensor {locals[input.Id]}"));
        parameters.AddRange(more ?? []);
        // A network's weights hold its [Param]s.
        if (graph.Kind == GraphKind.Loss) parameters.AddRange(graph.Parameters.Select(SpecParameters.Declared));
        if (graph.Kind == GraphKind.Network || DependsOnTraining(graph)) parameters.Add("bool training = false");
        return string.Join(", ", parameters);
    }
}
