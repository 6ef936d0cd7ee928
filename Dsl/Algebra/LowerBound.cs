using System;
using System.Linq;

namespace Hybrid.Algebra;

/// <summary>value ≥ least for all admissible sizes?</summary>
internal static class LowerBound
{
    public static Verdict Decide(Solution solution, Dim value, long least)
    {
        if (Proves(solution, value, least)) return Verdict.Proved;
        var witness = new Points(solution, value).Find(point => value.Evaluate(point) is { } size ? size < least : null, out var complete);
        if (witness is not null) return new Verdict(Outcome.Refuted, witness);
        return complete || ProvesByClass(solution, value, least) ? Verdict.Proved : Verdict.Unknown;
    }

    /// <summary>
    /// With each free symbol measured from its smallest value, s := low + s' and s' ≥ 0: no negative coefficient, and a constant
    /// that is enough.
    /// </summary>
    public static bool Proves(Solution solution, Dim value, long least, bool normalised = false)
    {
        try
        {
            var shifted = Shift(solution, normalised ? value : solution.Normalise(value));
            return shifted.ConstantPart >= least && IsNonNegative(shifted - shifted.ConstantPart);
        }
        catch (OverflowException)
        {
            return false;
        }
    }

    private static bool ProvesByClass(Solution solution, Dim value, long least)
    {
        if (Residues.Split(solution.Normalise(value)) is not { } classes) return false;
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

    /// <summary>A symbol that falls only, measured from above where it is bounded, would need the sign of its slope; rising is the rule.</summary>
    private static Dim Shift(Solution solution, Dim value)
    {
        var falling = value.Terms.Where(term => term.Coefficient < 0).SelectMany(term => term.Atoms).OfType<SymbolAtom>().Select(atom => atom.Name).ToList();
        return value.Substitute(name =>
        {
            var range = solution.RangeOf(name);
            return range.IsBounded && falling.Contains(name) ? range.High - Dim.Symbol(name) : Measured(name, range);
        });
    }

    private static Dim Measured(string name, Range range) => Dim.Symbol(name) + range.Low;

    private static bool IsNonNegative(Dim dim)
        => dim.Terms.All(term => term.Coefficient >= 0 && term.Atoms.All(atom => atom is SymbolAtom || (atom is FloorAtom floor && IsNonNegative(floor.Numerator))));
}
