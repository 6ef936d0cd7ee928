using System.Collections.Generic;
using System.Linq;
using Hybrid.Graphs;
using Hybrid.Rules;

namespace Hybrid.Programs;

/// <summary>
/// Which tensors at a program's border are logits: real numbers without bounds, of which a softmax or sigmoid makes probabilities.
/// </summary>
internal static class Logits
{
    /// <summary>Whether a result is what a linear map or a convolution gives, views aside.</summary>
    public static bool AreGiven(Graph graph, Value result)
    {
        var value = result.Id;
        while (graph.Nodes.FirstOrDefault(node => node.Outputs.Contains(value)) is { } node)
        {
            if (node.Operation is "Linear" or "Conv1d" or "Conv2d" or "Conv3d" or "ConvTranspose2d") return true;
            var tensors = node.Inputs.Where(input => input >= 0).ToList();
            if (tensors.Count != 1 || !RuleTable.Get(node.Operation).IsView) return false;
            value = tensors[0];
        }
        return false;
    }

    /// <summary>Whether a loss makes probabilities of an input itself.</summary>
    public static bool AreTaken(Graph graph, Value input)
    {
        if (graph.Kind != GraphKind.Loss) return false;
        var seen = new HashSet<int> { input.Id };
        foreach (var node in graph.Nodes)
        {
            // The first tensor of each of these; a target is none.
            if (node.Inputs.Count > 0 && seen.Contains(node.Inputs[0]))
            {
                if (node.Operation is "CrossEntropy" or "BceWithLogits" or "Softmax" or "LogSoftmax" or "Sigmoid") return true;
                if (RuleTable.Get(node.Operation).IsView && node.Inputs.Count(i => i >= 0) == 1) seen.UnionWith(node.Outputs);
            }
        }
        return false;
    }
}
