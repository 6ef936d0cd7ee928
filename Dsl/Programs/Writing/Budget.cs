using System.Collections.Generic;
using System.Globalization;
using System.Linq;
using Hybrid.Algebra;
using Hybrid.Graphs;

namespace Hybrid.Programs;

/// <summary>Holds a network to its [Budget].</summary>
public static class Budget
{
    /// <summary>HYB4012 when the network has more trainable parameters than allowed; null otherwise.</summary>
    /// <param name="graph">The network; [Param] sizes stand at their defaults, at 1 without one.</param>
    /// <param name="most">The budget; 0 means no bound.</param>
    /// <param name="place">Where the budget is written.</param>
    public static Fault? Check(Graph graph, long most, Origin place)
    {
        if (most == 0) return null;
        var sizes = graph.Sizes.ToDictionary(parameter => parameter.Name, parameter => parameter.Default ?? 1);
        long Count(Dim dim)
            => dim.Evaluate(
                name => sizes.TryGetValue(name, out var size)
                    ? size
                    : graph.Facts.ConstantOf(name) is { } value && value.TryConstant(out var fixedSize)
                    ? fixedSize
                    : 1)
                ?? 0;
        var total = Count(Cards.Parameters(graph));
        if (total <= most) return null;
        var largest = graph.Layers.OrderByDescending(layer => Count(Of(layer))).First();
        var at = sizes.Count == 0 ? "" : $" at {string.Join(", ", sizes.Select(size => $"{size.Key} = {size.Value}"))}";
        return new Fault(
            "HYB4012",
            $"'{graph.ClassName}' has {Text(total)} parameters{at}; its budget is {Text(most)}. The most, {Text(Count(Of(largest)))}, are "
                + $"in {largest.Operation} '{largest.Key}'. Make the network smaller, or the budget larger.",
            place,
            new[] { largest.Origin }.Where(origin => origin.IsKnown).ToEquatable());
    }

    private static Dim Of(LayerInfo layer)
        => layer.Weights.Where(weight => weight.Role == WeightRole.Parameter)
            .Aggregate(Dim.Zero, (sum, weight) => sum + weight.Shape.Elements);

    private static string Text(long count) => count.ToString("#,0", CultureInfo.InvariantCulture);
}
