using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using Hybrid.Data.Cache;
using Hybrid.Data.Formats;

namespace Hybrid.Samples.CommandLine;

/// <summary>Images of caches as files that any program reads.</summary>
public static class CacheArrays
{
    /// <summary>
    /// Writes PART.npy (images, bands, rows, columns) and PART.csv for each part; the folder appears when it is complete. The last line
    /// says how many there are.
    /// </summary>
    /// <param name="folder">Not there yet.</param>
    /// <param name="parts">Names and what makes their caches, with a column <c>image</c>; each is closed when it is written.</param>
    /// <param name="columns">Further columns of the tables, of whole or real numbers.</param>
    /// <exception cref="IOException">The folder is there.</exception>
    public static int Write(string folder, IEnumerable<(string Name, Func<Cache> Open)> parts, params string[] columns)
    {
        ArgumentNullException.ThrowIfNull(parts);
        if (Path.Exists(folder)) throw new IOException($"--output: {Path.GetFullPath(folder)} is there already. Choose another name.");
        var unfinished = folder + ".part";
        if (Directory.Exists(unfinished)) Directory.Delete(unfinished, recursive: true);
        Directory.CreateDirectory(unfinished);
        var written = 0;
        foreach (var (name, open) in parts)
        {
            using var cache = open();
            int[] shape = [cache.Count, .. cache.Columns.First(column => column.Name == "image").Shape];
            var pixels = new float[shape.Aggregate(1, (all, next) => all * next)];
            cache.ReadTensors("image", Enumerable.Range(0, cache.Count).ToArray(), pixels);
            Npy.Write(Path.Combine(unfinished, name + ".npy"), new NdArray<float>(shape, pixels));
            Catalogue.Write(
                Path.Combine(unfinished, name + ".csv"), ["id", .. columns],
                [Enumerable.Range(0, cache.Count).Select(i => (long)i).ToArray(), .. columns.Select(Values)]);
            Console.Error.WriteLine($"{name}: {Plural.Of(cache.Count, "image")} of {string.Join(" × ", shape[1..])}");
            written += cache.Count;

            Array Values(string column)
                => cache.Columns.First(known => known.Name == column).Kind == CacheColumnKind.Integer
                    ? cache.Integers(column)
                    : cache.Reals(column);
        }
        Directory.Move(unfinished, folder);
        Console.WriteLine($"{Plural.Of(written, "image")} in {folder}");
        return 0;
    }
}
