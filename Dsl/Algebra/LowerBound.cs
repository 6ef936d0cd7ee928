using System;
using System.Linq;

namespace Hybrid.Algebra;

/// <summary>value ≥ least for all admissible sizes?</summary>
internal static class LowerBound
{
    public static Verdict Decide(Solution solution, Dim value, long least)
    {
        var normalised = solution.Normalise(value);
        if (ProvesBySigns(solution, normalised, least)) return Verdict.Proved;
        var points = new Points(solution, new Comparison(value, Relation.Less, least, ""));
        var witness = points.InBox(out var complete);
        if (witness is null)
        {
            if (complete) return Verdict.Proved;
            var grid = Grid.OfMinimum(solution, normalised, points.Symbols, least);
            if (grid?.All(size => size >= least) == true) return Verdict.Proved;
            witness = (grid is null ? null : points.Among(grid.Where(size => size < least)))
                ?? points.Among(Jumps.Beside(solution, normalised, points.Symbols))
                ?? points.Far();
        }
        if (witness is not null) return new Verdict(Outcome.Refuted, witness);
        return ProvesByClass(solution, normalised, least) ? Verdict.Proved : Verdict.Unknown;
    }

    /// <summary>Without a look at points, which a single answer of true does not need.</summary>
    public static bool Proves(Solution solution, Dim value, long least)
    {
        var normalised = solution.Normalise(value);
        return ProvesBySigns(solution, normalised, least)
            || Grid.OfMinimum(solution, normalised, normalised.Symbols.ToList(), least)?.All(size => size >= least) == true;
    }

    /// <summary>
    /// With each free symbol measured from its smallest value, s := low + s' and s' ≥ 0: no negative coefficient, and a constant
    /// that is enough.
    /// </summary>
    private static bool ProvesBySigns(Solution solution, Dim normalised, long least)
    {
        try
        {
            var shifted = Shift(solution, normalised);
            return shifted.ConstantPart >= least && IsNonNegative(shifted - shifted.ConstantPart);
        }
        catch (OverflowException)
        {
            return false;
        }
    }

    private static bool ProvesByClass(Solution solution, Dim normalised, long least)
    {
        if (Residues.Split(normalised) is not { } classes) return false;
        foreach (var (polynomial, of) in classes)
        {
            var shifted = polynomial.Substitute(name =>
            {
                var range = solution.RangeOf(name);
                if (!of.TryGetValue(name, out var c)) return Measured(name, range);
                return Measured(name, new Range(
                    -Dim.FloorQuotient(-(range.Low - c.Residue), c.Period),
                    range.IsBounded ? Dim.FloorQuotient(range.High - c.Residue, c.Period) : Range.Unbounded));
            });
            if (shifted.ConstantPart < least || !IsNonNegative(shifted - shifted.ConstantPart)) return false;
        }
        return true;
    }

    /// <summary>
    /// A symbol that falls only, measured from above where it is bounded, would need the sign of its slope; rising is the rule.
    /// </summary>
    private static Dim Shift(Solution solution, Dim value)
    {
        var falling = value.Terms.Where(term => term.Coefficient < 0)
            .SelectMany(term => term.Atoms)
            .OfType<SymbolAtom>()
            .Select(atom => atom.Name)
            .ToList();
        return value.Substitute(name =>
        {
            var range = solution.RangeOf(name);
            return range.IsBounded && falling.Contains(name) ? range.High - Dim.Symbol(name) : Measured(name, range);
        });
    }

    private static Dim Measured(string name, Range range) => Dim.Symbol(name) + range.Low;

    private static bool IsNonNegative(Dim dim)
        => dim.Terms.All(
            term => term.Coefficient >= 0
                && term.Atoms.All(atom => atom is SymbolAtom || (atom is FloorAtom floor && IsNonNegative(floor.Numerator))));
}
