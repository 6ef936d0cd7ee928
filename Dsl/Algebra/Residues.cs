using System;
using System.Collections.Generic;
using System.Linq;

namespace Hybrid.Algebra;

/// <summary>
/// Splits the free symbols of a size into residue classes modulo its periods. In each class, s := p·s' + r, every floor
/// division by a constant simplifies away, so a size is a polynomial there: what holds in every class holds everywhere.
/// </summary>
internal static class Residues
{
    private const long MostClasses = 1024;

    /// <summary>Each class as the size that it makes of the given one; null when there are too many.</summary>
    public static IEnumerable<(Dim Class, Dictionary<string, (long Period, long Residue)> Of)>? Split(Dim dim)
    {
        var periods = new SortedDictionary<string, long>(StringComparer.Ordinal);
        if (!TryPeriods(dim, 1, periods)) return null;
        var symbols = periods.Where(period => period.Value > 1).Select(period => period.Key).ToList();
        long classes = 1;
        foreach (var symbol in symbols)
        {
            if (periods[symbol] > MostClasses) return null;
            classes *= periods[symbol];
            if (classes > MostClasses) return null;
        }
        return Classes();

        IEnumerable<(Dim, Dictionary<string, (long, long)>)> Classes()
        {
            var residues = symbols.ToDictionary(symbol => symbol, _ => 0L);
            while (true)
            {
                var of = symbols.ToDictionary(symbol => symbol, symbol => (periods[symbol], residues[symbol]));
                yield return (dim.Substitute(name => of.TryGetValue(name, out var c) ? (c.Item1 * Dim.Symbol(name)) + c.Item2 : null), of);
                var i = 0;
                while (i < symbols.Count && ++residues[symbols[i]] == periods[symbols[i]]) residues[symbols[i++]] = 0;
                if (i == symbols.Count) yield break;
            }
        }
    }

    /// <summary>The least common multiple, over all floor divisions that hold a symbol, of the divisors around it.</summary>
    private static bool TryPeriods(Dim dim, long around, SortedDictionary<string, long> periods)
    {
        foreach (var term in dim.Terms)
            foreach (var atom in term.Atoms)
            {
                if (atom is SymbolAtom symbol)
                {
                    periods.TryGetValue(symbol.Name, out var period);
                    period = period == 0 ? 1 : period;
                    periods[symbol.Name] = checked(period / Dim.Gcd(period, around) * around);
                }
                else
                {
                    var floor = (FloorAtom)atom;
                    if (!floor.Divisor.TryConstant(out var divisor) || divisor > MostClasses) return false;
                    if (!TryPeriods(floor.Numerator, checked(around * divisor), periods)) return false;
                }
            }
        return true;
    }
}
