using System;
using System.IO;
using System.Linq;
using System.Threading;
using Hybrid.Data.Cache;
using Hybrid.Data.Formats;
using Hybrid.Data.Images;
using Hybrid.Data.Systems.LensFinding;

namespace Hybrid.Samples.LensFinding;

/// <summary>./hybrid lens-finding simulate: the three parts as npy arrays and tables.</summary>
internal static class Simulating
{
    /// <summary>
    /// Writes PART.npy (images, bands, rows, columns), fluxes at zero point 30, and PART.csv for each part; the folder appears when it is
    /// complete.
    /// </summary>
    public static int Write(LensDomains domains, string folder, string caches, CancellationToken stop)
    {
        if (Path.Exists(folder)) throw new IOException($"--output: {Path.GetFullPath(folder)} is there already. Choose another name.");
        var part = folder + ".part";
        if (Directory.Exists(part)) Directory.Delete(part, recursive: true);
        Directory.CreateDirectory(part);
        var written = 0;
        foreach (var which in Enum.GetValues<LensPart>())
        {
            var name = which.ToString().ToLowerInvariant();
            using var cache = domains.Cache(caches, which, new Recipe(ImageStep.ReplaceMissing(0)), null, stop);
            int[] shape = [cache.Count, .. cache.Columns.First(column => column.Name == "image").Shape];
            var pixels = new float[shape.Aggregate(1, (all, next) => all * next)];
            cache.ReadTensors("image", Enumerable.Range(0, cache.Count).ToArray(), pixels);
            Npy.Write(Path.Combine(part, name + ".npy"), new NdArray<float>(shape, pixels));
            string[] columns = ["label", "non_lens", "galaxy", "source"];
            Catalogue.Write(
                Path.Combine(part, name + ".csv"), ["id", .. columns, "theta_e"],
                [
                    Enumerable.Range(0, cache.Count).Select(i => (long)i).ToArray(), .. columns.Select(cache.Integers),
                    cache.Reals("theta_e"),
                ]);
            Console.Error.WriteLine($"{name}: {cache.Count} images of {string.Join(" × ", shape[1..])}");
            written += cache.Count;
        }
        Directory.Move(part, folder);
        Console.WriteLine($"{written} images in {folder}");
        return 0;
    }
}
