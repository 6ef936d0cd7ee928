using System;
using System.Collections.Generic;
using System.Linq;
using Hybrid.Graphs;

namespace Hybrid.Algebra;

/// <summary>Admissible points at which a sought relation holds; the sought relation is the failure of the one that was asked for.</summary>
internal sealed class Points
{
    private const int MostBoxed = 5;
    private static readonly long[] _far = [31, 47, 63, 99, 127, 223, 255, 511, 1023, 4095];

    private readonly List<string> _free;
    private readonly List<Range> _ranges;
    private readonly List<string> _declared;
    private readonly List<SizeFunction> _values;
    private readonly List<(SizeFunction Left, Relation Relation, SizeFunction Right)> _facts;
    private readonly (SizeFunction Left, Relation Relation, SizeFunction Right) _sought;
    private readonly SortedSet<string> _mentioned;
    private readonly long[] _point;

    public Points(Solution solution, Comparison sought)
    {
        _free = Free(solution, sought);
        _ranges = _free.Select(solution.RangeOf).ToList();
        _mentioned = new SortedSet<string>(sought.Left.Symbols.Concat(sought.Right.Symbols), StringComparer.Ordinal);
        // Facts about other symbols only do not bear on the question.
        _declared = _mentioned.Concat(solution.Symbols.Where(symbol => Touches(solution.Normalise(Dim.Symbol(symbol)))))
            .Distinct()
            .ToList();
        // What the question does not depend on stays at its least size.
        _values = _declared.Select(symbol => SizeFunction.Of(
            solution.Normalise(Dim.Symbol(symbol)).Substitute(name => _free.Contains(name) ? null : solution.RangeOf(name).Low), _free))
    .ToList();
        _facts = solution.Facts.Where(fact => Touches(solution.Normalise(fact.Left - fact.Right))).Select(Function).ToList();
        _sought = Function(sought);
        _point = new long[_declared.Count];

        bool Touches(Dim dim) => dim.Symbols.Any(_free.Contains);

        (SizeFunction, Relation, SizeFunction) Function(Comparison c) => (
            SizeFunction.Of(c.Left, _declared), c.Relation, SizeFunction.Of(c.Right, _declared));
    }

    /// <summary>The symbols whose values a point lists, in that order.</summary>
    public IReadOnlyList<string> Symbols => _free;

    /// <summary>The first of a box of small points, by growing total, so that the example is a small one.</summary>
    /// <param name="complete">True when the box holds all admissible points.</param>
    public Witness? InBox(out bool complete)
    {
        complete = false;
        if (_free.Count > MostBoxed) return null;
        var side = _free.Count switch { <= 1 => 400, 2 => 26, 3 => 9, 4 => 5, _ => 3 };
        complete = _ranges.All(range => range.IsBounded && range.High - range.Low < side);
        return First(Box(_free.Count, side).Select(Offset), ref complete);
    }

    /// <summary>The first of some points of <see cref="Symbols"/>.</summary>
    public Witness? Among(IEnumerable<long[]?> points)
    {
        var ignored = false;
        return First(points, ref ignored);
    }

    /// <summary>Points of large and of irregular sizes: a fixed sequence, so that the same question always has the same answer.</summary>
    public Witness? Far() => Among(FarOffsets().Select(Offset));

    private Witness? First(IEnumerable<long[]?> points, ref bool complete)
    {
        foreach (var point in points)
        {
            if (point is null) continue;
            var fails = Holds(point);
            if (fails is null) complete = false;
            if (fails == true) return new Witness(_mentioned.Select(name => (name, _point[_declared.IndexOf(name)])).ToEquatable());
        }
        return null;
    }

    /// <summary>Whether the point is admissible and the sought relation holds at it; null when numbers overflow on the way.</summary>
    private bool? Holds(long[] free)
    {
        for (var i = 0; i < _values.Count; i++)
        {
            var known = _values[i].At(free, out _point[i]);
            if (known == Valuation.Overflow) return null;
            if (known == Valuation.Undefined || _point[i] < 1) return false;
        }
        var sought = Holds(_sought);
        if (sought == false) return false;
        foreach (var fact in _facts)
        {
            var holds = Holds(fact);
            if (holds == false) return false;
            if (holds is null) sought = null;
        }
        return sought;
    }

    private bool? Holds((SizeFunction Left, Relation Relation, SizeFunction Right) relation)
    {
        var left = relation.Left.At(_point, out var a);
        var right = relation.Right.At(_point, out var b);
        if (left == Valuation.Undefined || right == Valuation.Undefined) return false;
        return left == Valuation.Overflow || right == Valuation.Overflow ? null : Comparison.Holds(a, relation.Relation, b);
    }

    /// <summary>The free symbols that the sizes depend on, and those that facts tie to them.</summary>
    private static List<string> Free(Solution solution, Comparison sought)
    {
        var free = new SortedSet<string>(
            solution.Normalise(sought.Left).Symbols.Concat(solution.Normalise(sought.Right).Symbols), StringComparer.Ordinal);
        var ties = solution.Facts.Select(fact => solution.Normalise(fact.Left - fact.Right).Symbols)
            .Where(symbols => symbols.Count > 0)
            .ToList();
        for (var grown = true; grown;)
        {
            grown = false;
            foreach (var tie in ties.Where(tie => tie.Any(free.Contains)))
                foreach (var symbol in tie) grown |= free.Add(symbol);
        }
        return free.ToList();
    }

    /// <summary>Offsets counted from the least admissible sizes; null beyond the ranges.</summary>
    private long[]? Offset(long[] offsets)
    {
        var point = new long[offsets.Length];
        for (var i = 0; i < point.Length; i++)
        {
            if (_ranges[i].Low > long.MaxValue - offsets[i] || _ranges[i].Low + offsets[i] > _ranges[i].High) return null;
            point[i] = _ranges[i].Low + offsets[i];
        }
        return point;
    }

    private IEnumerable<long[]> FarOffsets()
    {
        var count = _free.Count;
        if (count == 0) yield break;
        foreach (var far in _far)
            for (var i = -1; i < count; i++)
                yield return Enumerable.Range(0, count).Select(j => i < 0 || i == j ? far : 1 + (far % 7)).ToArray();
        if (count == 1) yield break; // the box went further than this sequence does
        var state = 0x9E3779B97F4A7C15UL;
        for (var n = 0; n < 400; n++)
        {
            var offsets = new long[count];
            for (var i = 0; i < offsets.Length; i++)
            {
                state = unchecked((state * 6364136223846793005UL) + 1442695040888963407UL);
                offsets[i] = (long)((state >> 33) % 48);
            }
            yield return offsets;
        }
    }

    /// <summary>All offsets of a box, by growing total. The one array is rewritten for each.</summary>
    private static IEnumerable<long[]> Box(int dimensions, int side)
    {
        var offsets = new long[dimensions];
        if (dimensions == 0)
        {
            yield return offsets;
            yield break;
        }
        for (long total = 0; total <= (long)dimensions * (side - 1); total++)
        {
            // All but the last count as an odometer does; the last takes what is left of the total.
            Array.Clear(offsets, 0, dimensions);
            int turned;
            do
            {
                offsets[dimensions - 1] = 0;
                var rest = total - offsets.Sum();
                if (rest >= 0 && rest < side)
                {
                    offsets[dimensions - 1] = rest;
                    yield return offsets;
                }
                turned = dimensions - 2;
                while (turned >= 0 && ++offsets[turned] == side) offsets[turned--] = 0;
            }
            while (turned >= 0);
        }
    }
}
