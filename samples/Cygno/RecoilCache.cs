using System;
using System.Linq;
using Hybrid.Data.Cache;
using Hybrid.Data.Images;
using Hybrid.Data.Systems.Cygno;
using Hybrid.Samples.CommandLine;

namespace Hybrid.Samples.Cygno;

/// <summary>A set's preprocessed images in the Parquet cache, made where it is not there yet.</summary>
internal static class RecoilCache
{
    public static Cache Open(RecoilSet set, Recipe preprocessing, string folder, CommandProgram program)
    {
        var cache = Cache.GetOrBuild(
            folder, new CacheRecipe($"{set.Description}\n{preprocessing}", set.Inputs),
            () => set.Pieces(256, program.Stop).Select(piece => piece.Apply(preprocessing, 0).ToRows()), new CacheOptions(),
            new CountProgress("preprocessed", set.Count), program.Stop);
        foreach (var left in set.LeftOut.Take(10)) Console.Error.WriteLine($"cygno: left out {left}");
        if (set.LeftOut.Count > 10) Console.Error.WriteLine($"cygno: and {set.LeftOut.Count - 10} more left out");
        return cache;
    }
}
