using System;
using System.Globalization;
using System.Linq;
using FsCheck;

namespace Hybrid.PropertyTests;

/// <summary>Configurations of FsCheck that throw with the shrunk case and its seed; HYBRID_SEED="seed,gamma[,size]" repeats a run, as in the laws.</summary>
internal static class Seeded
{
    public static Config Cases(int count)
    {
        var config = Config.QuickThrowOnFailure.WithMaxTest(count).WithQuietOnSuccess(true);
        if (Environment.GetEnvironmentVariable("HYBRID_SEED") is not { Length: > 0 } text) return config;
        var numbers = text.Split(',').Select(part => ulong.Parse(part, CultureInfo.InvariantCulture)).ToArray();
        return numbers.Length switch
        {
            2 => config.WithReplay(numbers[0], numbers[1]),
            3 => config.WithReplay(numbers[0], numbers[1], (int)numbers[2]),
            _ => throw new ArgumentException($"HYBRID_SEED: expected 'seed,gamma' or 'seed,gamma,size' as FsCheck prints them, got '{text}'"),
        };
    }
}
