using System;
using System.Collections.Generic;
using System.Linq;

namespace Hybrid.Algebra;

/// <summary>left = right for all admissible sizes?</summary>
internal static class Equality
{
    public static Verdict Decide(Facts facts, Solution solution, Dim left, Dim right)
    {
        if (left.Equals(right)) return Verdict.Proved;
        var difference = solution.Normalise(left) - solution.Normalise(right);
        // A class that is not zero ends this at once, so it costs little where it proves nothing.
        if (difference.Equals(Dim.Zero) || Proves(solution, difference)) return Verdict.Proved;

        var points = new Points(solution, left, right);
        var witness = points.Find(point => Differ(left, right, point), out var complete);
        if (witness is not null) return new Verdict(Outcome.Refuted, witness, Missing(facts, left, right));
        if (complete) return Verdict.Proved;
        // Small sizes agree and some class of sizes does not: where it fails is known, up to the degree.
        witness = points.Among(Suspects(solution, difference), point => Differ(left, right, point));
        return new Verdict(witness is null ? Outcome.Unknown : Outcome.Refuted, witness, Missing(facts, left, right));
    }

    private static bool? Differ(Dim left, Dim right, Func<string, long> point)
        => left.Evaluate(point) is { } a && right.Evaluate(point) is { } b ? a != b : null;

    private static bool Proves(Solution solution, Dim normalisedDifference)
    {
        if (Residues.Split(normalisedDifference) is not { } classes) return false;
        foreach (var (polynomial, of) in classes)
        {
            if (polynomial.Equals(Dim.Zero)) continue;
            // A class may be empty: no size in range has its residues.
            if (!of.Any(c => solution.RangeOf(c.Key) is { IsBounded: true } range && FirstInClass(range.Low, c.Value) > range.High)) return false;
        }
        return true;
    }

    /// <summary>
    /// The points at which a difference that is no zero polynomial in some residue class must be seen: degree + 1 sizes of each symbol. A polynomial of
    /// degree at most d_i in its i-th variable that vanishes on a grid of d_i + 1 values each is zero.
    /// </summary>
    private static IEnumerable<Dictionary<string, long>> Suspects(Solution solution, Dim difference)
    {
        const int mostPoints = 4096;
        var tried = 0;
        foreach (var (polynomial, of) in Residues.Split(difference) ?? [])
        {
            if (polynomial.Equals(Dim.Zero) || polynomial.Depth > 0) continue;
            var symbols = polynomial.Symbols.ToList();
            var degrees = symbols.Select(symbol => polynomial.Terms.Max(term => term.Atoms.Count(atom => ((SymbolAtom)atom).Name == symbol))).ToList();
            var steps = new int[symbols.Count];
            while (tried++ < mostPoints)
            {
                var point = new Dictionary<string, long>(StringComparer.Ordinal);
                // A symbol that the polynomial lost still has its residue in this class.
                foreach (var symbol in of.Keys.Concat(symbols).Distinct())
                {
                    var c = of.TryGetValue(symbol, out var residue) ? residue : (Period: 1, Residue: 0);
                    var position = symbols.IndexOf(symbol);
                    point[symbol] = FirstInClass(solution.RangeOf(symbol).Low, c) + ((position < 0 ? 0 : steps[position]) * c.Period);
                }
                if (point.All(size => size.Value <= solution.RangeOf(size.Key).High)) yield return point;
                var i = 0;
                while (i < symbols.Count && ++steps[i] > degrees[i]) steps[i++] = 0;
                if (i == symbols.Count) break;
            }
        }
    }

    private static long FirstInClass(long low, (long Period, long Residue) c)
        => low + ((((c.Residue - low) % c.Period) + c.Period) % c.Period);

    /// <summary>The smallest fact of a usual form under which the sizes agree; null when none of them does.</summary>
    private static string? Missing(Facts facts, Dim left, Dim right)
    {
        if (left.AsSymbol is not null && (right.AsSymbol is not null || right.IsConstant)) return Equal(left, right);
        if (right.AsSymbol is not null && left.IsConstant) return Equal(right, left);
        var symbols = left.Symbols.Concat(right.Symbols).Distinct().Where(facts.Symbols.Contains).ToList();
        foreach (var modulus in Moduli(left - right))
        {
            var every = new List<Comparison>();
            foreach (var symbol in symbols)
            {
                if (modulus.Symbols.Contains(symbol)) continue;
                var fact = Facts.Divisibility(symbol, modulus);
                every.Add(fact);
                if (Suffices(fact)) return fact.Text;
            }
            if (every.Count is > 1 and <= 3 && Suffices(every.ToArray())) return string.Join(", ", every.Select(fact => fact.Text));
        }
        // A sum of products may only need two symbols to be the same.
        for (var i = 0; i < symbols.Count; i++)
            for (var j = i + 1; j < symbols.Count; j++)
                if (Equal(Dim.Symbol(symbols[i]), Dim.Symbol(symbols[j])) is { } equal) return equal;
        return null;

        string? Equal(Dim a, Dim b)
        {
            var fact = new Comparison(a, Relation.Equal, b, $"{a} == {b}");
            return Suffices(fact) ? fact.Text : null;
        }

        bool Suffices(params Comparison[] added)
        {
            var solution = Solution.Of(facts.Symbols, facts.Declared.Concat(facts.Inferred).Concat(added));
            if (solution.Contradiction is not null) return false;
            var difference = solution.Normalise(left) - solution.Normalise(right);
            return difference.Equals(Dim.Zero);
        }
    }

    /// <summary>The divisors that occur and the numbers that divide their products, small ones first; then symbolic divisors.</summary>
    private static IEnumerable<Dim> Moduli(Dim difference)
    {
        var constants = new SortedSet<long>();
        var symbolic = new List<Dim>();
        Collect(difference, 1);
        return constants.Where(m => m > 1).Select(Dim.Constant).Concat(symbolic);

        void Collect(Dim dim, long around)
        {
            foreach (var atom in dim.Terms.SelectMany(term => term.Atoms))
            {
                if (atom is not FloorAtom floor) continue;
                if (floor.Divisor.TryConstant(out var divisor) && divisor < 4096 && around < 4096)
                {
                    for (long m = 2; m <= Math.Min(divisor * around, 4096); m++)
                        if (divisor * around % m == 0) constants.Add(m);
                    Collect(floor.Numerator, around * divisor);
                }
                else if (!symbolic.Contains(floor.Divisor)) symbolic.Add(floor.Divisor);
            }
        }
    }
}
