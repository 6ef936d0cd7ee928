using System.Globalization;

namespace Hybrid.Graphs;

/// <summary>Counts in messages.</summary>
public static class Plural
{
    /// <summary><c>1 argument</c>, <c>2 arguments</c>, <c>3 axes</c>.</summary>
    /// <param name="count">How many.</param>
    /// <param name="one">The noun for one.</param>
    /// <param name="many">The noun for any other number, where it does not end in s.</param>
    public static string Of(long count, string one, string? many = null)
        => $"{count.ToString(CultureInfo.InvariantCulture)} {(count == 1 ? one : many ?? one + "s")}";
}
