using System;
using System.Linq;
using System.Threading;
using Hybrid.Data.Cache;
using Hybrid.Data.Images;
using Hybrid.Data.Systems.EinsteinRadius;
using Hybrid.Samples.CommandLine;

namespace Hybrid.Samples.EinsteinRadius;

/// <summary>./hybrid einstein-radius simulate: the parts, fluxes at zero point 30, as npy arrays and tables.</summary>
internal static class Simulating
{
    private static readonly RadiusPart[] _parts =
    [
        RadiusPart.LensPop, RadiusPart.Challenge1, RadiusPart.Challenge2, RadiusPart.Injection, RadiusPart.Adaptation,
        RadiusPart.Validation, RadiusPart.Test, RadiusPart.Small,
    ];

    public static int Write(RadiusDomains domains, string folder, string caches, CancellationToken stop)
        => CacheArrays.Write(
            folder,
            _parts.Select(part => (
                part.ToString().ToLowerInvariant(),
                (Func<Cache>)(() => domains.Cache(caches, part, new Recipe(ImageStep.ReplaceMissing(0)), null, stop)))),
            "theta_e", "arc_ratio", "signal_to_noise", "contrast");
}
