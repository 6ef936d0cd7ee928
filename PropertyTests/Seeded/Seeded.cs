using System.Globalization;
using System.Linq;
using FsCheck;

namespace Hybrid.PropertyTests;

/// <summary>The configuration of a property inside a larger test: a failure is thrown with the shrunk case and its seed.</summary>
public static class Seeded
{
    /// <summary>So many cases, from where HYBRID_SEED says.</summary>
    public static Config Cases(int count)
    {
        var config = Config.QuickThrowOnFailure.WithMaxTest(count).WithQuietOnSuccess(true);
        if (Replay.FromEnvironment is not { } text) return config;
        var numbers = text.Split(',').Select(part => ulong.Parse(part, CultureInfo.InvariantCulture)).ToArray();
        return numbers.Length == 2 ? config.WithReplay(numbers[0], numbers[1]) : config.WithReplay(numbers[0], numbers[1], (int)numbers[2]);
    }
}
