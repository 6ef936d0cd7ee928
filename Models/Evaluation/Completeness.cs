using System;
using System.Collections.Generic;
using System.Linq;

namespace Hybrid.Models.Evaluation;

/// <summary>The share of objects in a range of a quantity that is found.</summary>
/// <param name="Low">Where the range begins.</param>
/// <param name="High">Where it ends.</param>
/// <param name="Mean">Mean of the quantity of those in it.</param>
/// <param name="Found">Share found.</param>
/// <param name="FoundLow">Lower end of its 95 % interval (Wilson 1927).</param>
/// <param name="FoundHigh">Upper end.</param>
/// <param name="Count">Objects in it.</param>
public sealed record CompletenessPoint(double Low, double High, double Mean, double Found, double FoundLow, double FoundHigh, int Count);

/// <summary>Which objects a search finds, by a quantity of theirs.</summary>
public static class Completeness
{
    private const double Sigmas = 1.959963984540054;

    /// <summary>Shares found in ranges with equally many objects.</summary>
    /// <param name="quantity">Of each object; those that are not finite are left out.</param>
    /// <param name="isFound">Whether it is found.</param>
    /// <param name="ranges">How many, ≥ 1; fewer where there are fewer objects, or many are equal.</param>
    public static IReadOnlyList<CompletenessPoint> Of(IReadOnlyList<double> quantity, IReadOnlyList<bool> isFound, int ranges = 6)
    {
        ArgumentNullException.ThrowIfNull(quantity);
        ArgumentNullException.ThrowIfNull(isFound);
        if (quantity.Count != isFound.Count)
            throw new ArgumentException(
                $"Completeness: expected an answer for each of {quantity.Count} objects, got {isFound.Count}.", nameof(isFound));
        if (ranges < 1) throw new ArgumentOutOfRangeException(nameof(ranges), $"Completeness: expected at least one range, got {ranges}.");
        var order = Enumerable.Range(0, quantity.Count).Where(i => double.IsFinite(quantity[i])).OrderBy(i => quantity[i]).ToArray();
        var points = new List<CompletenessPoint>();
        for (var start = 0; start < order.Length;)
        {
            var end = Math.Max(start + 1, (int)((long)order.Length * (points.Count + 1) / ranges));
            if (points.Count >= ranges - 1) end = order.Length;
            while (end < order.Length && quantity[order[end]] == quantity[order[end - 1]]) end++;
            var own = order[start..end];
            var found = own.Count(i => isFound[i]);
            var (low, high) = Wilson(found, own.Length);
            points.Add(new CompletenessPoint(
                quantity[own[0]], quantity[own[^1]], own.Average(i => quantity[i]), (double)found / own.Length, low, high, own.Length));
            start = end;
        }
        return points;
    }

    /// <summary>The 95 % interval of a share by Wilson's score, which stays in [0, 1].</summary>
    /// <param name="found">Objects found, in [0, count].</param>
    /// <param name="count">Objects, ≥ 1.</param>
    public static (double Low, double High) Wilson(int found, int count)
    {
        if (count < 1 || found < 0 || found > count)
            throw new ArgumentOutOfRangeException(
                nameof(found), $"Completeness.Wilson: expected 0 to {count} of at least 1 found, got {found} of {count}.");
        var (share, z2) = ((double)found / count, Sigmas * Sigmas);
        var middle = (share + (z2 / (2 * count))) / (1 + (z2 / count));
        var half = Sigmas / (1 + (z2 / count)) * Math.Sqrt((share * (1 - share) / count) + (z2 / (4.0 * count * count)));
        return (Math.Max(0, middle - half), Math.Min(1, middle + half));
    }
}
