using System;
using System.Collections.Generic;
using System.Linq;
using Hybrid.Algebra;

namespace Hybrid.Programs;

/// <summary>
/// The sizes of a contract's symbols that follow from what it is given: plain symbols from the axes that are they, then those that stand in
/// a size a·s + b, where s = (d − b)/a.
/// </summary>
internal sealed class ContractSizes
{
    private readonly Dictionary<string, Dim> _sizes = new(StringComparer.Ordinal);

    public Dim? Of(string symbol) => _sizes.TryGetValue(symbol, out var size) ? size : null;

    public bool IsBound(string symbol) => _sizes.ContainsKey(symbol);

    public void Bind(string symbol, Dim size) => _sizes[symbol] = size;

    /// <summary>Whether all symbols of a size are bound.</summary>
    public bool IsKnown(Dim size) => size.Symbols.All(IsBound);

    /// <summary>
    /// The next symbol that a size gives: the one it holds that is not bound yet, with what it would be if the division is exact, and the
    /// size that it is then. Null when there is none.
    /// </summary>
    /// <param name="promised">The contract's size.</param>
    /// <param name="actual">What stands there.</param>
    public (string Symbol, Dim Value, Dim Size)? Solve(Dim promised, Dim actual)
    {
        var open = promised.Symbols.Where(symbol => !IsBound(symbol)).ToList();
        if (open.Count != 1) return null;
        // A name that the caller's sizes cannot have.
        var unknown = open[0] + "`";
        if (
            !promised.Substitute(symbol => symbol == open[0] ? Dim.Symbol(unknown) : Of(symbol))
                .TryLinear(unknown, out var slope, out var offset))
        {
            return null;
        }
        if (slope.TryConstant(out var number) && number <= 0) return number == 0 ? null : Solution(-slope, offset - actual);
        return Solution(slope, actual - offset);

        (string, Dim, Dim)? Solution(Dim divisor, Dim dividend)
        {
            var value = dividend.FloorDiv(divisor);
            return (open[0], value, (slope * value) + offset);
        }
    }
}
