using System;
using System.Linq;
using System.Threading;
using Hybrid.Data.Cache;
using Hybrid.Data.Images;
using Hybrid.Data.Systems.LensFinding;
using Hybrid.Samples.CommandLine;

namespace Hybrid.Samples.LensFinding;

/// <summary>./hybrid lens-finding simulate: the three parts, fluxes at zero point 30, as npy arrays and tables.</summary>
internal static class Simulating
{
    public static int Write(LensDomains domains, string folder, string caches, CancellationToken stop)
        => CacheArrays.Write(
            folder,
            Enum.GetValues<LensPart>().Select(part => (
                part.ToString().ToLowerInvariant(),
                (Func<Cache>)(() => domains.Cache(caches, part, new Recipe(ImageStep.ReplaceMissing(0)), null, stop)))),
            "label", "non_lens", "galaxy", "source", "theta_e");
}
