using System.Collections.Generic;
using System.Linq;
using Hybrid.Algebra;
using Hybrid.Graphs;

namespace Hybrid.Rules;

/// <summary>
/// Whether a reshape only joins neighbouring axes and splits axes, or moves data from one axis into another.
/// </summary>
/// <remarks>
/// Numbers keep their row-major order, so the first i axes of a shape are cut from the rest after P_i = s_1 ⋯ s_i steps. Where all these
/// products, of both shapes together, divide one another in a chain, there is a finer shape from which both come by joining neighbours.
/// Where two of them do not divide each other, as H and W in [H, W] → [W, H], an axis of the target runs across axes of the source.
/// </remarks>
internal static class Regrouping
{
    private const int MostAxes = 6;

    /// <summary>The first source and target axis that cross; null when the reshape keeps axes, or sizes are too involved to say.</summary>
    public static (int Source, int Target)? Crossing(IReadOnlyList<Dim> source, IReadOnlyList<Dim> target)
    {
        var (from, to) = (Prefixes(source), Prefixes(target));
        if (from is null || to is null) return null;
        for (var i = 0; i < from.Count; i++)
            for (var j = 0; j < to.Count; j++)
                if (!from[i].TryDivideExactly(to[j], out _) && !to[j].TryDivideExactly(from[i], out _)) return (i, j);
        return null;
    }

    /// <summary>The order of the source's axes after which the reshape keeps them; null when there is none.</summary>
    public static IReadOnlyList<int>? Permutation(IReadOnlyList<Dim> source, IReadOnlyList<Dim> target)
        => source.Count > MostAxes ? null
            : Orders(Enumerable.Range(0, source.Count).ToList())
                .Where(order => Crossing(order.Select(axis => source[axis]).ToList(), target) is null)
                .OrderBy(Inversions).FirstOrDefault();

    /// <summary>
    /// Whether each size of a target is one axis or the product of neighbours: only then are the permuted axes the ones that were meant.
    /// What
    /// splits an axis, as a pixel shuffle does, needs to be split before it is permuted.
    /// </summary>
    public static bool JoinsWholeAxes(IEnumerable<Dim> source, IReadOnlyList<Dim> target)
    {
        var rest = new Queue<Dim>(source);
        foreach (var size in target)
        {
            var product = Dim.One;
            while (!product.Equals(size) && rest.Count > 0) product *= rest.Dequeue();
            if (!product.Equals(size)) return false;
        }
        return rest.All(size => size.Equals(Dim.One));
    }

    private static int Inversions(IReadOnlyList<int> order)
        => Enumerable.Range(0, order.Count).Sum(i => Enumerable.Range(i + 1, order.Count - i - 1).Count(j => order[i] > order[j]));

    private static IEnumerable<IReadOnlyList<int>> Orders(IReadOnlyList<int> axes)
        => axes.Count <= 1 ? [axes]
            : axes.SelectMany(
                first => Orders(axes.Where(axis => axis != first).ToList())
                    .Select(rest => (IReadOnlyList<int>)rest.Prepend(first).ToList()));

    /// <summary>The products of the first axes, but for the whole; null when one is not a monomial of plain symbols.</summary>
    private static List<Dim>? Prefixes(IReadOnlyList<Dim> sizes)
    {
        var products = new List<Dim>();
        var product = Dim.One;
        foreach (var size in sizes)
        {
            if (size.Terms.Count != 1 || size.Depth > 0) return null;
            product *= size;
            products.Add(product);
        }
        if (products.Count > 0) products.RemoveAt(products.Count - 1);
        return products;
    }
}
