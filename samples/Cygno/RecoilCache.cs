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
            new Rows(set.Count), program.Stop);
        foreach (var left in set.LeftOut.Take(10)) Console.Error.WriteLine($"cygno: left out {left}");
        if (set.LeftOut.Count > 10) Console.Error.WriteLine($"cygno: and {set.LeftOut.Count - 10} more left out");
        return cache;
    }

    /// <summary>Shows how far the preprocessing is: one line that is written over on a terminal, else a line at the end.</summary>
    private sealed class Rows(int count) : IProgress<long>
    {
        public void Report(long done)
        {
            if (done >= count) Console.Error.WriteLine($"{(Console.IsErrorRedirected ? "" : "\r")}preprocessed {done} images");
            else if (!Console.IsErrorRedirected) Console.Error.Write($"\rpreprocessed {done} of {count} images");
        }
    }
}
