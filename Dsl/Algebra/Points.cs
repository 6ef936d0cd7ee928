using System;
using System.Collections.Generic;
using System.Linq;
using Hybrid.Graphs;

namespace Hybrid.Algebra;

/// <summary>Admissible points, small ones first: where a relation that does not hold everywhere is seen to fail.</summary>
internal sealed class Points(Solution solution, params Dim[] sizes)
{
    private const int MostPoints = 1500;
    private const int MostBoxed = 5;
    private static readonly long[] _far = [31, 47, 63, 99, 127, 223, 255, 511, 1023, 4095];

    /// <summary>The first of some points of the free symbols at which <paramref name="fails"/> is true; every fact holds there.</summary>
    public Witness? Among(IEnumerable<Dictionary<string, long>> points, Func<Func<string, long>, bool?> fails)
    {
        var free = Free();
        var (facts, symbols) = Bearing(free);
        foreach (var point in points)
        {
            try
            {
                if (At(point, facts, symbols, fails) is { } witness) return witness;
            }
            catch (OverflowException)
            {
                continue;
            }
        }
        return null;
    }

    /// <summary>The first point at which <paramref name="fails"/> is true; every fact holds there.</summary>
    /// <param name="fails">The relation's failure at a point; null where it has no value.</param>
    /// <param name="complete">True when all admissible points were tried.</param>
    public Witness? Find(Func<Func<string, long>, bool?> fails, out bool complete)
    {
        var free = Free();
        var side = Side(free.Count);
        complete = free.Count <= MostBoxed && free.All(symbol => solution.RangeOf(symbol) is { IsBounded: true } range && range.High - range.Low < side);
        var (facts, symbols) = Bearing(free);
        var tried = 0;
        foreach (var point in Enumerate(free))
        {
            if (++tried > MostPoints)
            {
                complete = false;
                break;
            }
            try
            {
                if (At(point, facts, symbols, fails) is { } witness) return witness;
            }
            catch (OverflowException)
            {
                complete = false;
            }
        }
        return null;
    }

    /// <summary>Facts about other symbols only do not bear on the question.</summary>
    private (List<Comparison> Facts, List<string> Symbols) Bearing(List<string> free) => (
        solution.Facts.Where(fact => Touches(free, solution.Normalise(fact.Left - fact.Right))).ToList(),
        solution.Symbols.Where(symbol => Touches(free, solution.Normalise(Dim.Symbol(symbol)))).ToList());

    /// <summary>The declared sizes at a point of the free symbols, where they are admissible and the relation fails there.</summary>
    private Witness? At(Dictionary<string, long> point, List<Comparison> facts, List<string> symbols, Func<Func<string, long>, bool?> fails)
    {
        if (!TryDeclared(symbols, point, out var declared)) return null;
        long Value(string name) => declared.TryGetValue(name, out var value) ? value : 1;
        if (facts.Any(fact => fact.Holds(Value) != true) || fails(Value) != true) return null;
        var mentioned = new SortedSet<string>(sizes.SelectMany(size => size.Symbols), StringComparer.Ordinal);
        return new Witness(mentioned.Select(name => (name, Value(name))).ToEquatable());
    }

    /// <summary>The free symbols that the sizes depend on, and those that facts tie to them.</summary>
    private List<string> Free()
    {
        var free = new SortedSet<string>(sizes.SelectMany(size => solution.Normalise(size).Symbols), StringComparer.Ordinal);
        var ties = solution.Facts.Select(fact => solution.Normalise(fact.Left - fact.Right).Symbols).Where(symbols => symbols.Count > 0).ToList();
        for (var grown = true; grown;)
        {
            grown = false;
            foreach (var tie in ties.Where(tie => tie.Any(free.Contains)))
                foreach (var symbol in tie) grown |= free.Add(symbol);
        }
        return free.ToList();
    }

    private static bool Touches(List<string> free, Dim dim) => dim.Symbols.Any(free.Contains);

    private bool TryDeclared(List<string> symbols, Dictionary<string, long> free, out Dictionary<string, long> declared)
    {
        declared = new Dictionary<string, long>(StringComparer.Ordinal);
        foreach (var symbol in sizes.SelectMany(size => size.Symbols).Concat(symbols).Distinct())
        {
            if (solution.ValueOf(symbol, name => free.TryGetValue(name, out var value) ? value : solution.RangeOf(name).Low) is not { } value || value < 1) return false;
            declared[symbol] = value;
        }
        return true;
    }

    private IEnumerable<Dictionary<string, long>> Enumerate(List<string> free)
    {
        if (free.Count == 0)
        {
            yield return [];
            yield break;
        }
        var ranges = free.Select(solution.RangeOf).ToList();
        // A box that shrinks with the number of symbols, walked by growing total so that the first failure is a small one.
        var side = Side(free.Count);
        if (free.Count <= MostBoxed)
        {
            foreach (var offsets in Box(free.Count, side))
                if (Point(offsets) is { } point) yield return point;
        }
        foreach (var far in _far)
            for (var i = -1; i < free.Count; i++)
                if (Point(Enumerable.Range(0, free.Count).Select(j => i < 0 || i == j ? far : 1 + (far % 7)).ToArray()) is { } point) yield return point;
        // A fixed sequence: the same question always has the same answer.
        var state = 0x9E3779B97F4A7C15UL;
        for (var n = 0; n < 400; n++)
        {
            var offsets = new long[free.Count];
            for (var i = 0; i < offsets.Length; i++)
            {
                state = unchecked((state * 6364136223846793005UL) + 1442695040888963407UL);
                offsets[i] = (long)((state >> 33) % 48);
            }
            if (Point(offsets) is { } point) yield return point;
        }

        Dictionary<string, long>? Point(long[] offsets)
        {
            var point = new Dictionary<string, long>(StringComparer.Ordinal);
            for (var i = 0; i < free.Count; i++)
            {
                var value = ranges[i].Low + offsets[i];
                if (value > ranges[i].High) return null;
                point[free[i]] = value;
            }
            return point;
        }
    }

    private static int Side(int symbols) => symbols switch { <= 1 => 400, 2 => 26, 3 => 9, 4 => 5, _ => 3 };

    private static IEnumerable<long[]> Box(int dimensions, int side)
    {
        for (long total = 0; total <= (long)dimensions * (side - 1); total++)
            foreach (var offsets in Split(dimensions, total, side)) yield return offsets;
    }

    private static IEnumerable<long[]> Split(int dimensions, long total, int side)
    {
        if (dimensions == 1)
        {
            if (total < side) yield return [total];
            yield break;
        }
        for (long first = 0; first <= Math.Min(total, side - 1); first++)
            foreach (var rest in Split(dimensions - 1, total - first, side))
            {
                var offsets = new long[dimensions];
                offsets[0] = first;
                rest.CopyTo(offsets, 1);
                yield return offsets;
            }
    }
}
