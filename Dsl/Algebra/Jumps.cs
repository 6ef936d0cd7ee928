using System;
using System.Collections.Generic;
using System.Linq;

namespace Hybrid.Algebra;

/// <summary>Where the floor divisions of a size jump as one symbol grows. Divisors are numbers here.</summary>
internal static class Jumps
{
    /// <summary>
    /// The first size of each run in [first, last] on which the size is one polynomial of the symbol, whatever the other symbols are:
    /// ascending, <paramref name="first"/> among them. Null for more than <paramref name="most"/>.
    /// </summary>
    public static List<long>? Of(Dim dim, string symbol, long first, long last, int most)
    {
        var floors = Outermost(dim).Where(floor => floor.Numerator.Symbols.Contains(symbol)).ToList();
        if (floors.Any(floor => floor.Numerator.Symbols.Count > 1))
        {
            // The other symbols move the jumps: any size may be one.
            if (last - first >= most) return null;
            var all = new List<long>((int)(last - first) + 1);
            for (var size = first; size <= last; size++) all.Add(size);
            return all;
        }
        var jumps = new List<long> { first };
        foreach (var floor in floors)
        {
            var found = TryAffine(floor, symbol, out var slope, out var offset, out var divisor)
                ? OfAffine(slope, offset, divisor, first, last)
                : OfAny(floor, symbol, first, last, most);
            if (found is null) return null;
            jumps.AddRange(found.Take(most));
            if (jumps.Count > most) return null;
        }
        jumps.Sort();
        return jumps.Distinct().ToList();
    }

    /// <summary>
    /// Points beside the first three jumps of each floor division, all symbols taken together, by growing total: where a relation that
    /// holds for small sizes is likely to fail. Whether it does is for the caller to see.
    /// </summary>
    public static IEnumerable<long[]> Beside(Solution solution, Dim dim, IReadOnlyList<string> symbols)
    {
        const int mostPoints = 2048;
        var mostSizes = symbols.Count switch { <= 1 => mostPoints, 2 => 45, 3 => 12, _ => 6 };
        var found = symbols.ToDictionary(symbol => symbol, symbol => new SortedSet<long> { solution.RangeOf(symbol).Low });
        Collect(dim, 1);
        IEnumerable<long[]> points = [[]];
        foreach (var symbol in symbols)
        {
            var range = solution.RangeOf(symbol);
            var sizes = found[symbol].Where(size => size >= range.Low && size <= range.High).Take(mostSizes).ToList();
            points = points.SelectMany(point => sizes.Select(size => (long[])[.. point, size])).Take(mostPoints);
        }
        return points.OrderBy(point => point.Sum(size => (double)size));

        void Collect(Dim inner, long around)
        {
            foreach (var term in inner.Terms)
                foreach (var atom in term.Atoms)
                {
                    if (atom is SymbolAtom symbol)
                    {
                        if (around == 1 || !found.TryGetValue(symbol.Name, out var sizes)) continue;
                        // slope·s + offset reaches the divisor here, were the other symbols zero, and here when it stands alone.
                        var slope = Math.Max(1, Math.Abs(term.Coefficient));
                        for (var n = 1; n <= 3; n++)
                        {
                            var size = -Dim.FloorQuotient(inner.ConstantPart - (n * around), slope);
                            var alone = -Dim.FloorQuotient(-n * around, slope);
                            sizes.UnionWith([size - 1, size, size + 1, alone - 1, alone, alone + 1]);
                        }
                    }
                    else if (atom is FloorAtom { Divisor.IsConstant: true } floor
                        && floor.Divisor.ConstantPart <= long.MaxValue / 8 / around)
                    {
                        Collect(floor.Numerator, around * floor.Divisor.ConstantPart);
                    }
                }
        }
    }

    /// <summary>The degree in one symbol, within a residue class: a floor division has that of its numerator.</summary>
    public static int Degree(Dim dim, string symbol)
        => dim.Terms.Count == 0
            ? 0
            : dim.Terms.Max(term => term.Atoms.Sum(
                atom => atom is FloorAtom floor ? Degree(floor.Numerator, symbol) : ((SymbolAtom)atom).Name == symbol ? 1 : 0));

    /// <summary>The degree in all symbols together.</summary>
    public static int Degree(Dim dim)
        => dim.Terms.Count == 0 ? 0 : dim.Terms.Max(term => term.Atoms.Sum(atom => atom is FloorAtom floor ? Degree(floor.Numerator) : 1));

    /// <summary>The degree in one symbol between two jumps.</summary>
    public static int BareDegree(Dim dim, string symbol)
        => dim.Terms.Count == 0 ? 0 : dim.Terms.Max(term => term.Atoms.Count(atom => atom is SymbolAtom bare && bare.Name == symbol));

    /// <summary>Floor divisions that stand in no other one.</summary>
    private static IEnumerable<FloorAtom> Outermost(Dim dim) => dim.Terms.SelectMany(term => term.Atoms).OfType<FloorAtom>();

    /// <summary>⌊(slope·symbol + offset) / divisor⌋.</summary>
    private static bool TryAffine(FloorAtom floor, string symbol, out long slope, out long offset, out long divisor)
    {
        (slope, offset, divisor) = (0, floor.Numerator.ConstantPart, floor.Divisor.ConstantPart);
        var linear = floor.Numerator - offset;
        if (linear.Terms.Count != 1
            || linear.Terms[0].Atoms.Length != 1
            || linear.Terms[0].Atoms[0] is not SymbolAtom atom
            || atom.Name != symbol)
        {
            return false;
        }
        slope = linear.Terms[0].Coefficient;
        return slope > 0;
    }

    private static IEnumerable<long> OfAffine(long slope, long offset, long divisor, long first, long last)
    {
        for (var at = first; at <= last;)
        {
            // The least size at which the quotient is larger than at this one.
            var next = Dim.FloorQuotient(checked((slope * at) + offset), divisor) + 1;
            at = -Dim.FloorQuotient(-checked((divisor * next) - offset), slope);
            if (at <= last) yield return at;
        }
    }

    private static List<long>? OfAny(FloorAtom floor, string symbol, long first, long last, int most)
    {
        if (last - first >= most) return null;
        var quotient = SizeFunction.Of(floor.Numerator.FloorDiv(floor.Divisor), [symbol]);
        var jumps = new List<long>();
        long? before = null;
        for (var size = first; size <= last; size++)
        {
            if (quotient.At([size], out var value) != Valuation.Value) return null;
            if (before is { } known && known != value) jumps.Add(size);
            before = value;
        }
        return jumps;
    }
}
