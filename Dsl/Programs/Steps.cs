using System.Collections.Generic;
using System.Linq;
using Hybrid.Graphs;

namespace Hybrid.Programs;

/// <summary>The lines of a program's body.</summary>
internal static class Steps
{
    /// <summary>One node's line with the shape as its comment.</summary>
    public static (string Line, string Shape) Assign(Graph graph, Locals locals, Node node, string expression)
    {
        var shapes = string.Join(", ", node.Outputs.Select(output => ProgramFile.Round(graph.Values[output].Shape)));
        if (node.Outputs.Count > 1) return ($"var ({string.Join(", ", node.Outputs.Select(output => locals[output]))}) = {expression};", shapes);
        var target = node.Outputs[0];
        return ($"{(locals.IsReassigned(target) ? "" : "var ")}{locals[target]} = {expression};", shapes);
    }

    /// <summary>Leaves the scope with the results. An input that is a result is given out as an alias, so that the caller's own is not moved.</summary>
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
    /// The parameters of a static program: weights if it has any, inputs, what else it takes, and the training switch; of a loss only where it matters. A
    /// network always has it, since one that contains it hands its own on.
    /// </summary>
    public static string Parameters(Graph graph, Locals locals, IEnumerable<string>? more = null)
    {
        var parameters = new List<string>();
        if (graph.Kind == GraphKind.Network) parameters.Add("Weights w");
        parameters.AddRange(graph.Inputs.Select(input => $"Tensor {locals[input.Id]}"));
        parameters.AddRange(more ?? []);
        if (graph.Kind == GraphKind.Network || DependsOnTraining(graph)) parameters.Add("bool training = false");
        return string.Join(", ", parameters);
    }
}
