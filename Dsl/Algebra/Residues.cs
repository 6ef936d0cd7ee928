using System.Collections.Generic;
using System.Linq;

namespace Hybrid.Algebra;

/// <summary>
/// Splits the free symbols of a size into residue classes modulo its periods. In each class, s := p·s' + r, every floor
/// division by a constant simplifies away, so a size is a polynomial there: what holds in every class holds everywhere.
/// </summary>
internal static class Residues
{
    /// <summary>Each takes some microseconds.</summary>
    private const long MostClasses = 1024;

    /// <summary>Each class as the size that it makes of the given one; null when there are too many.</summary>
    public static IEnumerable<(Dim Class, Dictionary<string, (long Period, long Residue)> Of)>? Split(Dim dim)
    {
        if (Periods.Of(dim) is not { } periods) return null;
        var symbols = periods.Where(period => period.Value > 1).Select(period => period.Key).ToList();
        // Each class counts with the terms that are substituted in it.
        long work = dim.Size / 16;
        long classes = 1;
        foreach (var symbol in symbols)
        {
            if (periods[symbol] > MostClasses || (classes *= periods[symbol]) > MostClasses) return null;
        }
        return classes * work > 8 * MostClasses ? null : Classes();

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
}
