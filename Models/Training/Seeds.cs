using System.Text;

namespace Hybrid.Models.Training;

/// <summary>Seeds for the several random streams of one run, from the one seed the user gave.</summary>
public static class Seeds
{
    /// <summary>
    /// A seed that depends on every bit of the run's seed and of the purpose: streams of different purpose are unrelated. SplitMix64's
    /// finaliser over FNV-1a.
    /// </summary>
    public static ulong Derive(ulong seed, string purpose)
    {
        var hash = 14695981039346656037UL;
        foreach (var b in Encoding.UTF8.GetBytes(purpose)) hash = (hash ^ b) * 1099511628211UL;
        var z = seed + (hash | 1) * 0x9E3779B97F4A7C15UL;
        z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9UL;
        z = (z ^ (z >> 27)) * 0x94D049BB133111EBUL;
        return z ^ (z >> 31);
    }
}
