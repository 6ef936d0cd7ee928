using System;
using System.Globalization;
using System.Linq;

namespace Hybrid.PropertyTests;

/// <summary>
/// Where the random cases of all properties start: HYBRID_SEED="seed,gamma[,size]", as FsCheck prints them. With a size, one case of
/// that size is run.
/// </summary>
public static class Replay
{
    /// <summary>The start that HYBRID_SEED names; null where each run draws a new one.</summary>
    public static string? FromEnvironment => Read(Environment.GetEnvironmentVariable("HYBRID_SEED"));

    /// <summary>The text itself where it is a start, null where it is empty.</summary>
    /// <exception cref="ArgumentException">It is something else.</exception>
    public static string? Read(string? text)
    {
        if (string.IsNullOrEmpty(text)) return null;
        var parts = text.Split(',');
        if (parts.Length is not (2 or 3)
            || !parts.Take(2).All(part => ulong.TryParse(part, NumberStyles.None, CultureInfo.InvariantCulture, out _))
            || !parts.Skip(2).All(part => int.TryParse(part, NumberStyles.None, CultureInfo.InvariantCulture, out _)))
            throw new ArgumentException($"HYBRID_SEED: expected 'seed,gamma' or 'seed,gamma,size' as FsCheck prints them, got '{text}'");
        return text;
    }
}
