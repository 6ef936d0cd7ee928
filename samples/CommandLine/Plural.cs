using System;

namespace Hybrid.Samples.CommandLine;

/// <summary>Counts in messages and reports: <c>Plural.Of(n, "row")</c> is "1 row" or "2 rows".</summary>
public static class Plural
{
    /// <param name="count">How many.</param>
    /// <param name="one">The noun.</param>
    /// <param name="many">Its plural; the noun with an s when not given.</param>
    public static string Of(long count, string one, string? many = null)
        => FormattableString.Invariant($"{count} {(count == 1 ? one : many ?? one + "s")}");
}
