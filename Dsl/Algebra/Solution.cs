using System;
using System.Collections.Generic;
using System.Linq;

namespace Hybrid.Algebra;

/// <summary>Facts solved as far as they go: each declared symbol over free symbols, each free symbol with its range.</summary>
internal sealed class Solution
{
    private const int LargestModulus = 1 << 16;
    private readonly Dictionary<string, Dim> _values = new(StringComparer.Ordinal);
    private readonly SortedDictionary<string, Range> _free = new(StringComparer.Ordinal);
    private readonly List<string> _symbols;
    private readonly List<Comparison> _facts;
    private readonly List<Comparison> _open = [];
    private int _fresh;

    private Solution(IEnumerable<string> symbols, IEnumerable<Comparison> facts)
    {
        _symbols = symbols.ToList();
        _facts = facts.ToList();
        foreach (var symbol in _symbols) _free[symbol] = Range.Positive;
    }

    public static Solution Of(IEnumerable<string> symbols, IEnumerable<Comparison> facts)
    {
        var solution = new Solution(symbols, facts);
        try
        {
            solution.Solve();
        }
        catch (OverflowException)
        {
            // Facts with numbers near 2^63 only lose their help in proofs; refutations evaluate them as written.
        }
        return solution;
    }

    /// <summary>The fact that no size satisfies, when solving met one.</summary>
    public Comparison? Contradiction { get; private set; }

    public IEnumerable<string> Symbols => _symbols;

    public IReadOnlyList<Comparison> Facts => _facts;

    public Range RangeOf(string free) => _free.TryGetValue(free, out var range) ? range : Range.Positive;

    /// <summary>The size over free symbols.</summary>
    public Dim Normalise(Dim dim)
        => _values.Count == 0 ? dim : dim.Substitute(name => _values.TryGetValue(name, out var value) ? value : null);

    public long? ValueOf(string symbol, Func<string, long> free)
        => _values.TryGetValue(symbol, out var value) ? value.Evaluate(free) : free(symbol);

    public long Least(string symbol)
        => !_values.TryGetValue(symbol, out var value) ? RangeOf(symbol).Low
            : value.Symbols.Count <= 1 ? value.Evaluate(free => RangeOf(free).Low) ?? 1
            : 1;

    /// <summary>The smallest size ≥ bound that has the symbol's residue.</summary>
    public long NextAdmissible(string symbol, long bound)
    {
        if (!_values.TryGetValue(symbol, out var value) || value.Symbols.Count != 1 || value.Depth > 0) return bound;
        var (slope, offset) = (value.Evaluate(_ => 1)!.Value - value.Evaluate(_ => 0)!.Value, value.Evaluate(_ => 0)!.Value);
        if (slope <= 0 || value.Evaluate(_ => 2) != offset + (2 * slope)) return bound;
        return offset + (slope * -Dim.FloorQuotient(-(bound - offset), slope));
    }

    private void Solve()
    {
        _open.AddRange(_facts.Where(fact => fact.Relation != Relation.NotEqual));
        // A substitution may bring another fact into a form that can be used, so go round until nothing changes.
        for (var progress = true; progress && Contradiction is null;)
        {
            progress = false;
            foreach (var fact in _open.ToList())
            {
                if (!Use(fact)) continue;
                _open.Remove(fact);
                progress = true;
            }
        }
    }

    private bool Use(Comparison fact)
        => fact.Relation == Relation.Equal
            ? fact.Remainder is { } remainder ? UseRemainder(fact, remainder.Value, remainder.Modulus) : UseEquality(fact)
            : UseBound(fact);

    private bool UseRemainder(Comparison fact, Dim written, Dim modulus)
    {
        var value = Normalise(written);
        modulus = Normalise(modulus);
        var right = Normalise(fact.Right);
        if (modulus.TryConstant(out var m) && right.TryConstant(out var r))
        {
            if (r < 0 || r >= m || m > LargestModulus)
            {
                Contradiction = r < 0 || r >= m ? fact : null;
                return true;
            }
            if (value.TryConstant(out var known))
            {
                if (Mod(known - r, m) != 0) Contradiction = fact;
                return true;
            }
            if (!TryAffine(value, out var symbol, out var slope, out var offset)) return false;
            // slope·s + offset ≡ r (mod m) has the solutions s ≡ t (mod m/g).
            var step = m / Dim.Gcd(slope, m);
            for (long t = 0; t < step; t++)
            {
                if (Mod(checked((slope * t) + offset - r), m) != 0) continue;
                if (step > 1) Step(symbol, step, t);
                return true;
            }
            Contradiction = fact;
            return true;
        }
        if (right.Equals(Dim.Zero) && value.AsSymbol is { } name && !modulus.Symbols.Contains(name) && RangeOf(name) == Range.Positive)
        {
            // name = modulus·q, and both are ≥ 1.
            Bind(name, modulus * Dim.Symbol(Fresh(name, Range.Positive)));
            return true;
        }
        return false;
    }

    /// <summary>symbol := step·fresh + t, with the range carried over.</summary>
    private void Step(string symbol, long step, long t)
    {
        var range = RangeOf(symbol);
        var low = -Dim.FloorQuotient(-(range.Low - t), step);
        var high = range.IsBounded ? Dim.FloorQuotient(range.High - t, step) : Range.Unbounded;
        Bind(symbol, (step * Dim.Symbol(Fresh(symbol, new Range(low, high)))) + t);
    }

    private bool UseEquality(Comparison fact)
    {
        var difference = Normalise(fact.Left) - Normalise(fact.Right);
        if (difference.TryConstant(out var constant))
        {
            if (constant != 0) Contradiction = fact;
            return true;
        }
        if (TryAffine(difference, out var only, out var slope, out var offset))
        {
            if (offset % slope != 0) Contradiction = fact;
            else
            {
                var value = -offset / slope;
                var range = RangeOf(only);
                if (value < range.Low || value > range.High) Contradiction = fact;
                else Bind(only, value);
            }
            return true;
        }
        foreach (var term in difference.Terms)
        {
            if (term.Coefficient is not (1 or -1) || term.Atoms.Length != 1 || term.Atoms[0] is not SymbolAtom symbol) continue;
            var rest = (difference - (term.Coefficient * Dim.Symbol(symbol.Name))) * -term.Coefficient;
            if (rest.Symbols.Contains(symbol.Name)) continue;
            // The range of the symbol now bounds the rest.
            var range = RangeOf(symbol.Name);
            Bind(symbol.Name, rest);
            _open.Add(fact with { Left = rest, Relation = Relation.AtLeast, Right = range.Low });
            if (range.IsBounded) _open.Add(fact with { Left = rest, Relation = Relation.AtMost, Right = range.High });
            return true;
        }
        return false;
    }

    private bool UseBound(Comparison fact)
    {
        var difference = fact.Relation is Relation.AtLeast or Relation.Greater
            ? Normalise(fact.Left) - Normalise(fact.Right)
            : Normalise(fact.Right) - Normalise(fact.Left);
        if (fact.Relation is Relation.Greater or Relation.Less) difference -= 1;
        // slope·s + offset ≥ 0, or slope·(s//m) + offset ≥ 0.
        if (difference.TryConstant(out var constant))
        {
            if (constant < 0) Contradiction = fact;
            return true;
        }
        long m = 1;
        if (!TryAffine(difference, out var symbol, out var slope, out var offset)
            && !TryAffineOfFloor(difference, out symbol, out slope, out offset, out m)) return false;
        var range = RangeOf(symbol);
        if (slope > 0)
        {
            var low = checked(-Dim.FloorQuotient(offset, slope) * m);
            range = range with { Low = Math.Max(range.Low, low) };
        }
        else
        {
            var high = checked((Dim.FloorQuotient(offset, -slope) * m) + m - 1);
            range = range with { High = Math.Min(range.High, high) };
        }
        if (range.IsEmpty) Contradiction = fact;
        else _free[symbol] = range;
        return true;
    }

    /// <summary>slope·symbol + offset.</summary>
    private static bool TryAffine(Dim dim, out string symbol, out long slope, out long offset)
    {
        (symbol, slope, offset) = ("", 0, dim.ConstantPart);
        var linear = dim - offset;
        if (linear.Terms.Count != 1 || linear.Terms[0].Atoms.Length != 1 || linear.Terms[0].Atoms[0] is not SymbolAtom atom) return false;
        (symbol, slope) = (atom.Name, linear.Terms[0].Coefficient);
        return true;
    }

    private static bool TryAffineOfFloor(Dim dim, out string symbol, out long slope, out long offset, out long m)
    {
        (symbol, slope, offset, m) = ("", 0, dim.ConstantPart, 1);
        var linear = dim - offset;
        if (linear.Terms.Count != 1 || linear.Terms[0].Atoms.Length != 1 || linear.Terms[0].Atoms[0] is not FloorAtom floor) return false;
        if (floor.Numerator.AsSymbol is not { } name || !floor.Divisor.TryConstant(out m)) return false;
        (symbol, slope) = (name, linear.Terms[0].Coefficient);
        return true;
    }

    private void Bind(string symbol, Dim value)
    {
        foreach (var bound in _values.Keys.ToList())
            _values[bound] = _values[bound].Substitute(name => name == symbol ? value : null);
        _values[symbol] = value;
        _free.Remove(symbol);
    }

    private string Fresh(string symbol, Range range)
    {
        // A quotation mark cannot be typed in Dims, so no declared symbol has this name.
        var name = $"{symbol}'{++_fresh}";
        _free[name] = range;
        return name;
    }

    private static long Mod(long value, long m) => ((value % m) + m) % m;
}
