using System;
using Hybrid.Graphs;
using Hybrid.Programs;

namespace Hybrid.Rules;

/// <summary>An operation that is linear in its weights <c>weight</c> and <c>bias</c>, so that a Flipout network can draw them.</summary>
/// <param name="Kind">Which of <see cref="FlipoutLayers"/>.</param>
/// <param name="Axis">Where its input and its output have features or channels: 1, or −1.</param>
/// <param name="Apply">The operation on an input, a weight and a bias, given as expressions.</param>
public sealed record PerturbedLayer(FlipoutLayers Kind, int Axis, Func<string, string, string, string> Apply)
{
    /// <summary>How a node takes drawn weights; null when it does not.</summary>
    internal static PerturbedLayer? Of(Graph graph, Node node)
        => node.Layer < 0 ? null : RuleTable.Get(node.Operation).Flipout(NodeCode.ToRead(graph, node));
}
