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
        if (difference.Equals(Dim.Zero)) return Verdict.Proved;

        var points = new Points(solution, new Comparison(left, Relation.NotEqual, right, ""));
        // A grid on which the difference does not vanish is left at its first such point, so it costs little where it proves nothing.
        var grid = Grid.OfZero(solution, difference, points.Symbols);
        if (grid?.All(value => value == 0) == true) return Verdict.Proved;

        // Of one symbol the grid has the very first size that fails; of several, a small example is found in a box.
        var witness = points.Symbols.Count == 1 && grid is not null ? points.Among(grid.Where(value => value != 0).Take(1)) : null;
        if (witness is null)
        {
            witness = points.InBox(out var complete);
            if (witness is null && complete) return Verdict.Proved;
        }
        // Small sizes agree and some do not: the grid says which; without one, sizes beside the jumps and far ones are tried.
        if (grid is not null) witness ??= points.Among(grid.Where(value => value != 0));
        witness ??= points.Among(Jumps.Beside(solution, difference, points.Symbols)) ?? points.Far();
        return new Verdict(witness is null ? Outcome.Unknown : Outcome.Refuted, witness, Missing(facts, left, right));
    }

    /// <summary>The smallest fact of a usual form under which the sizes agree; null when none of them does.</summary>
    private static string? Missing(Facts facts, Dim left, Dim right)
    {
        if (left.AsSymbol is not null && (right.AsSymbol is not null || right.IsConstant)) return Equal(left, right);
        if (right.AsSymbol is not null && left.IsConstant) return Equal(right, left);
        var symbols = left.Symbols.Concat(right.Symbols).Distinct().Where(facts.Symbols.Contains).ToList();
        var (leftAt, rightAt) = (SizeFunction.Of(left, symbols), SizeFunction.Of(right, symbols));
        var moduli = Moduli(left - right).ToList();
        var largest = moduli.Where(modulus => modulus.IsConstant).Select(modulus => modulus.ConstantPart).DefaultIfEmpty(1).Max();
        foreach (var modulus in moduli)
        {
            var every = new List<Comparison>();
            foreach (var symbol in symbols)
            {
                if (modulus.Symbols.Contains(symbol) || facts.Batches.Contains(symbol)) continue;
                var fact = Facts.Divisibility(symbol, modulus);
                every.Add(fact);
                if (!FailsAtMultiple(symbol, modulus) && Suffices(fact)) return fact.Text;
            }
            if (every.Count is > 1 and <= 3 && Suffices(every.ToArray()))
            {
                // Those that are not needed go again.
                foreach (var fact in every.ToList())
                    if (every.Count > 1 && Suffices(every.Where(other => other != fact).ToArray())) every.Remove(fact);
                return string.Join(", ", every.Select(fact => fact.Text));
            }
        }
        // A sum of products may only need two symbols to be the same.
        for (var i = 0; i < symbols.Count; i++)
            for (var j = i + 1; j < symbols.Count; j++)
                if (Equal(Dim.Symbol(symbols[i]), Dim.Symbol(symbols[j])) is { } equal) return equal;
        return null;

        string? Equal(Dim a, Dim b)
        {
            if (a.Symbols.Concat(b.Symbols).Any(facts.Open.Contains)) return null;
            var fact = new Comparison(a, Relation.Equal, b, $"{a} == {b}");
            return Suffices(fact) ? fact.Text : null;
        }

        // A look at some multiples, the others small or beside the largest divisor, spares most of the solving.
        bool FailsAtMultiple(string symbol, Dim modulus)
        {
            if (facts.Declared.Count + facts.Inferred.Count > 0 || !modulus.TryConstant(out var m)) return false;
            for (var multiple = 1; multiple <= 3; multiple++)
                foreach (var other in new[] { multiple, multiple + 1, largest - 1, largest - (m * multiple) })
                {
                    var position = 0;
                    var point = symbols.Select(name => name == symbol ? m * multiple : Math.Max(1, other) + position++).ToArray();
                    if (leftAt.At(point, out var a) == Valuation.Value && rightAt.At(point, out var b) == Valuation.Value && a != b)
                        return true;
                }
            return false;
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
                    var product = divisor * around;
                    for (long m = 1; m * m <= product && m <= 4096; m++)
                        if (product % m == 0) constants.UnionWith(product / m <= 4096 ? [m, product / m] : [m]);
                    Collect(floor.Numerator, around * divisor);
                }
                else if (!symbolic.Contains(floor.Divisor)) symbolic.Add(floor.Divisor);
            }
        }
    }
}
