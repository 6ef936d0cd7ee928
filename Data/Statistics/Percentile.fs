namespace Hybrid.Data.Statistics

open System

/// Percentiles with linear interpolation between the two nearest ranks, as numpy.percentile's default.
[<AbstractClass; Sealed>]
type Percentile =

    static member private Rank(subject: string, count: int, percent: float) : struct (int * int * float) =
        if count = 0 then
            invalidArg "sorted" $"{subject}: expected at least one value, got none."

        if not (percent >= 0.0 && percent <= 100.0) then
            raise (ArgumentOutOfRangeException(nameof percent, percent, $"Percentile: expected a percentage in [0, 100], got {percent}."))

        let rank = percent / 100.0 * float (count - 1)
        let below = int (floor rank)
        struct (below, min (below + 1) (count - 1), rank - float below)

    // numpy's lerp: from the nearer end, so that t = 1 gives b exactly and equal neighbours give themselves.
    static member private Between(a: float, b: float, t: float) =
        if t < 0.5 then a + (b - a) * t else b - (b - a) * (1.0 - t)

    /// The percentile of values that are already sorted ascending.
    /// percent : in [0, 100]. Throws when there is no value or the percentage is out of range.
    static member OfSorted(sorted: ReadOnlySpan<float>, percent: float) : float =
        let struct (below, above, t) = Percentile.Rank("Percentile.OfSorted", sorted.Length, percent)
        Percentile.Between(sorted[below], sorted[above], t)

    /// The same of float32 values, between them in float64.
    static member OfSorted(sorted: ReadOnlySpan<float32>, percent: float) : float =
        let struct (below, above, t) = Percentile.Rank("Percentile.OfSorted", sorted.Length, percent)
        Percentile.Between(float sorted[below], float sorted[above], t)

    /// The percentile of values in any order; the values are copied, not moved.
    static member Of(values: ReadOnlySpan<float>, percent: float) : float =
        let sorted = values.ToArray()
        Array.sortInPlace sorted
        Percentile.OfSorted(ReadOnlySpan sorted, percent)

    /// The median: the 50th percentile.
    static member Median(values: ReadOnlySpan<float>) : float = Percentile.Of(values, 50.0)
