using System;
using System.Linq;

namespace Hybrid.Models.Inference;

/// <summary>The box of a prior.</summary>
internal static class PriorRange
{
    public static (double Low, double High)[] Checked(string user, (double Low, double High)[] range)
    {
        ArgumentNullException.ThrowIfNull(range);
        if (range.Length == 0) throw new ArgumentException($"{user}: expected a range for at least one parameter, got none.");
        foreach (var (low, high) in range)
        {
            if (!(low < high) || !double.IsFinite(low) || !double.IsFinite(high))
                throw new ArgumentException($"{user}: expected finite ranges with low < high, got {Text(range)}.");
        }
        return ((double, double)[])range.Clone();
    }

    public static bool Holds((double Low, double High)[] range, ReadOnlySpan<double> theta)
    {
        if (theta.Length != range.Length) return false;
        for (var p = 0; p < range.Length; p++)
        {
            if (!(theta[p] >= range[p].Low && theta[p] <= range[p].High)) return false;
        }
        return true;
    }

    public static string Text((double Low, double High)[] range)
        => string.Join(" × ", range.Select(side => FormattableString.Invariant($"[{side.Low}, {side.High}]")));
}
