using System;
using Hybrid.Data.Cache;

namespace Hybrid.Samples.Cygno;

/// <summary>The rows of a cache of recoils that train, that choose the epoch, and that only judge (RecoilPart).</summary>
internal sealed class RecoilParts(Cache cache) : IDisposable
{
    public Cache Training { get; } = cache.Where("part = 0");

    public Cache Validation { get; } = cache.Where("part = 1");

    public Cache Test { get; } = cache.Where("part = 2");

    public void Dispose()
    {
        foreach (IDisposable part in (Cache[])[Training, Validation, Test]) part.Dispose();
    }
}
