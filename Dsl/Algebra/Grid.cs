using System;
using System.Collections.Generic;
using System.Linq;

namespace Hybrid.Algebra;

/// <summary>
/// A few sizes of each symbol whose combinations decide about all sizes: docs/algebra.md has the argument. Where every divisor is a number,
/// a size repeats itself as a polynomial from period to period, and between two jumps of its floor divisions it is one polynomial.
/// </summary>
internal sealed class Grid
{
    /// <summary>Sizes of one symbol.</summary>
    private const int MostSizes = 16384;

    /// <summary>Points, each counted with the difference's terms: some milliseconds.</summary>
    private const long MostWork = 1 << 20;

    private readonly SizeFunction _value;
    private readonly long[][] _sizes;

    private Grid(SizeFunction value, long[][] sizes) => (_value, _sizes) = (value, sizes);

    /// <summary>A size that is zero at all points of this grid is zero at all sizes in the ranges.</summary>
    /// <param name="solution">The ranges of the free symbols.</param>
    /// <param name="difference">A size over free symbols.</param>
    /// <param name="symbols">The order of the symbols in a point; those that the difference does not have stay at their least size.</param>
    /// <returns>Null where a divisor holds a symbol, or where the grid would be too large.</returns>
    public static Grid? OfZero(Solution solution, Dim difference, IReadOnlyList<string> symbols)
        => Periods.Of(difference) is not { } periods ? null
            : Over(
                solution, difference, symbols,
                (symbol, range) => periods.TryGetValue(symbol, out var period)
                    ? ZeroSizes(difference, symbol, period, range)
                    : [range.Low]);

    /// <summary>
    /// A size whose terms have no products takes its least value at a point of this grid; one that falls without end is below
    /// <paramref name="least"/> at one.
    /// </summary>
    /// <returns>Null where a divisor holds a symbol, where symbols are multiplied, or where the grid would be too large.</returns>
    public static Grid? OfMinimum(Solution solution, Dim value, IReadOnlyList<string> symbols, long least)
    {
        if (Periods.Of(value) is not { } periods || Jumps.Degree(value) > 1) return null;
        var function = SizeFunction.Of(value, symbols);
        var lowest = symbols.Select(symbol => solution.RangeOf(symbol).Low).ToArray();
        if (function.At(lowest, out var start) != Valuation.Value) return null;
        return Over(solution, value, symbols, (symbol, range) =>
        {
            if (!periods.TryGetValue(symbol, out var period)) return [range.Low];
            var next = (long[])lowest.Clone();
            next[symbols.ToList().IndexOf(symbol)] = checked(range.Low + period);
            if (function.At(next, out var end) != Valuation.Value) return null;
            var rise = checked(end - start);
            if (rise >= 0) return Ends(value, symbol, range.Low, Math.Min(range.High, checked(range.Low + period - 1)));
            if (range.IsBounded) return Ends(value, symbol, Math.Max(range.Low, checked(range.High - period + 1)), range.High);
            var steps = Math.Max(1, Dim.FloorQuotient(checked(start - least), -rise) + 1);
            return [range.Low, checked(range.Low + (period * steps))];
        });
    }

    private static Grid? Over(Solution solution, Dim value, IReadOnlyList<string> symbols, Func<string, Range, long[]?> sizesOf)
    {
        try
        {
            var sizes = new long[symbols.Count][];
            long work = value.Size;
            for (var i = 0; i < sizes.Length; i++)
            {
                var range = solution.RangeOf(symbols[i]);
                if (range.IsEmpty || sizesOf(symbols[i], range) is not { } found || (work *= found.Length) > MostWork) return null;
                sizes[i] = found;
            }
            return new Grid(SizeFunction.Of(value, symbols), sizes);
        }
        catch (OverflowException)
        {
            return null;
        }
    }

    public bool All(Func<long, bool> holds) => Walk().All(point => _value.At(point, out var value) == Valuation.Value && holds(value));

    /// <summary>The points at which something holds of the value, by growing total.</summary>
    public IEnumerable<long[]> Where(Func<long, bool> holds)
        => Walk().Where(point => _value.At(point, out var value) == Valuation.Value && holds(value)).Take(MostSizes)
            .Select(point => (long[])point.Clone()).OrderBy(point => point.Sum(size => (double)size));

    /// <summary>Degree + 1 periods from the least size on; in them, degree + 1 sizes after each jump.</summary>
    private static long[]? ZeroSizes(Dim difference, string symbol, long period, Range range)
    {
        var last = checked(range.Low + (period * (Jumps.Degree(difference, symbol) + 1L)) - 1);
        if (last > range.High) last = range.High;
        if (Jumps.Of(difference, symbol, range.Low, last, MostSizes) is not { } jumps) return null;
        var after = Jumps.BareDegree(difference, symbol);
        var sizes = new List<long>();
        for (var i = 0; i < jumps.Count; i++)
        {
            var end = Math.Min(jumps[i] + after, (i + 1 < jumps.Count ? jumps[i + 1] : last + 1) - 1);
            for (var size = jumps[i]; size <= end; size++) sizes.Add(size);
            if (sizes.Count > MostSizes) return null;
        }
        return sizes.ToArray();
    }

    /// <summary>Both ends of each run: without products, a size is a straight line on it.</summary>
    private static long[]? Ends(Dim value, string symbol, long first, long last)
        => Jumps.Of(value, symbol, first, last, MostSizes / 2) is { } jumps
            ? jumps.Concat(jumps.Skip(1).Select(jump => jump - 1)).Append(last).Distinct().OrderBy(size => size).ToArray()
            : null;

    /// <summary>All points. The one array is rewritten for each.</summary>
    private IEnumerable<long[]> Walk()
    {
        var steps = new int[_sizes.Length];
        var point = _sizes.Select(sizes => sizes[0]).ToArray();
        while (true)
        {
            yield return point;
            var i = 0;
            while (i < steps.Length && ++steps[i] == _sizes[i].Length) point[i] = _sizes[i][steps[i++] = 0];
            if (i == steps.Length) yield break;
            point[i] = _sizes[i][steps[i]];
        }
    }
}
