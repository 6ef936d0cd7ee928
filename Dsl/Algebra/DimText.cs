using System.Globalization;
using System.Linq;
using System.Text;

namespace Hybrid.Algebra;

/// <summary>Sizes as text: for people, and as C# expressions over <c>long</c> locals named like the symbols.</summary>
public static class DimText
{
    public static string Of(Dim dim)
        => Write(dim, "·", floor => Parenthesised(floor.Numerator, Of) + "/" + Parenthesised(floor.Divisor, Of));

    /// <summary>
    /// A C# expression. C#'s division truncates towards zero, so a numerator that may be negative goes through
    /// <paramref name="floorFunction"/>(numerator, divisor).
    /// </summary>
    public static string CSharp(Dim dim, string floorFunction, System.Func<string, string> name)
        => Write(
            dim,
            " * ",
            floor =>
            {
                var numerator = CSharp(floor.Numerator, floorFunction, name);
                var divisor = CSharp(floor.Divisor, floorFunction, name);
                return floor.Numerator.Terms.All(term => term.Coefficient >= 0) && IsPlain(floor.Numerator)
                    ? $"({(floor.Numerator.Terms.Count > 1 ? $"({numerator})" : numerator)} / "
                        + $"{(floor.Divisor.IsConstant ? divisor : $"({divisor})")})"
                    : $"{floorFunction}({numerator}, {divisor})";
            },
            name,
            spaced: true);

    /// <summary>Non-negative whatever the symbols are: no division inside whose numerator might be negative.</summary>
    private static bool IsPlain(Dim dim)
        => dim.Terms.All(
            term => term.Coefficient >= 0
                && term.Atoms.All(atom => atom is SymbolAtom || (atom is FloorAtom floor && IsPlain(floor.Numerator))));

    private static string Parenthesised(Dim dim, System.Func<Dim, string> write)
    {
        var text = write(dim);
        // A sign in front would run into the one before it: D+(-1)/(N+1).
        var single = dim.Terms.Count == 1
            && dim.Terms[0].Coefficient > 0
            && dim.Terms[0].Atoms.Length <= 1
            && (dim.Terms[0].Coefficient == 1 || dim.IsConstant)
            && !(dim.Terms[0].Atoms.Length == 1 && dim.Terms[0].Atoms[0] is FloorAtom);
        return single ? text : $"({text})";
    }

    private static string Write(
        Dim dim,
        string times,
        System.Func<FloorAtom, string> floor,
        System.Func<string, string>? name = null,
        bool spaced = false)
    {
        if (dim.Terms.Count == 0) return "0";
        var text = new StringBuilder();
        // Positive terms first reads best: 2-H is written as the sum that it is only when nothing is positive.
        foreach (var term in dim.Terms.OrderBy(term => term.Coefficient < 0 ? 1 : 0))
        {
            var magnitude = term.Coefficient < 0 ? -term.Coefficient : term.Coefficient;
            if (text.Length > 0) text.Append(spaced ? (term.Coefficient < 0 ? " - " : " + ") : (term.Coefficient < 0 ? "-" : "+"));
            else if (term.Coefficient < 0) text.Append('-');
            // A sign in front binds tighter than a division: -(H/2) is not -H/2.
            var signed = text.Length == 1 && term.Coefficient < 0;
            var factors = term.Atoms.Select(
                atom => atom is SymbolAtom symbol
                    ? (name is null ? symbol.Name : name(symbol.Name))
                    : Factor((FloorAtom)atom, term, signed))
            .ToList();
            if (magnitude != 1 || factors.Count == 0) factors.Insert(0, magnitude.ToString(CultureInfo.InvariantCulture));
            text.Append(string.Join(times, factors));
        }
        return text.ToString();

        string Factor(FloorAtom atom, Term term, bool signed)
        {
            var inner = floor(atom);
            return !spaced && (signed || term.Atoms.Length > 1 || term.Coefficient is not (1 or -1)) ? $"({inner})" : inner;
        }
    }
}
