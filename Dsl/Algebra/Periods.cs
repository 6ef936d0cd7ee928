using System;
using System.Collections.Generic;

namespace Hybrid.Algebra;

/// <summary>After how many steps of a symbol all floor divisions have moved on by whole numbers: (s + p)//m = s//m + p/m.</summary>
internal static class Periods
{
    /// <summary>
    /// For each symbol the least common multiple, over all floor divisions that hold it, of the product of the divisors around it. Null
    /// where a divisor holds a symbol, or where a period is beyond 63 bits.
    /// </summary>
    public static SortedDictionary<string, long>? Of(Dim dim)
    {
        var periods = new SortedDictionary<string, long>(StringComparer.Ordinal);
        return TryAdd(dim, 1, periods) ? periods : null;
    }

    private static bool TryAdd(Dim dim, long around, SortedDictionary<string, long> periods)
    {
        foreach (var term in dim.Terms)
            foreach (var atom in term.Atoms)
            {
                if (atom is SymbolAtom symbol)
                {
                    if (!periods.TryGetValue(symbol.Name, out var period)) period = 1;
                    period /= Dim.Gcd(period, around);
                    if (period > long.MaxValue / around) return false;
                    periods[symbol.Name] = period * around;
                }
                else
                {
                    var floor = (FloorAtom)atom;
                    if (!floor.Divisor.TryConstant(out var divisor) || divisor > long.MaxValue / around) return false;
                    if (!TryAdd(floor.Numerator, around * divisor, periods)) return false;
                }
            }
        return true;
    }
}
