using System;
using System.IO;
using System.Linq;
using System.Threading;
using Hybrid.Data.Formats;
using Hybrid.Data.Images;
using Hybrid.Data.Systems.EinsteinRadius;

namespace Hybrid.Samples.EinsteinRadius;

/// <summary>./hybrid einstein-radius simulate: the parts as npy arrays and tables.</summary>
internal static class Simulating
{
    private static readonly RadiusPart[] _parts =
    [
        RadiusPart.LensPop, RadiusPart.Challenge1, RadiusPart.Challenge2, RadiusPart.Injection, RadiusPart.Adaptation,
        RadiusPart.Validation, RadiusPart.Test, RadiusPart.Small,
    ];

    /// <summary>
    /// Writes PART.npy (images, bands, rows, columns), fluxes at zero point 30, and PART.csv for each part; the folder appears when it is
    /// complete.
    /// </summary>
    public static int Write(RadiusDomains domains, string folder, string caches, CancellationToken stop)
    {
        if (Path.Exists(folder)) throw new IOException($"--output: {Path.GetFullPath(folder)} is there already. Choose another name.");
        var unfinished = folder + ".part";
        if (Directory.Exists(unfinished)) Directory.Delete(unfinished, recursive: true);
        Directory.CreateDirectory(unfinished);
        var written = 0;
        foreach (var part in _parts)
        {
            var name = part.ToString().ToLowerInvariant();
            using var cache = domains.Cache(caches, part, new Recipe(ImageStep.ReplaceMissing(0)), null, stop);
            int[] shape = [cache.Count, .. cache.Columns.First(column => column.Name == "image").Shape];
            var pixels = new float[shape.Aggregate(1, (all, next) => all * next)];
            cache.ReadTensors("image", Enumerable.Range(0, cache.Count).ToArray(), pixels);
            Npy.Write(Path.Combine(unfinished, name + ".npy"), new NdArray<float>(shape, pixels));
            string[] columns = ["theta_e", "arc_ratio", "signal_to_noise", "contrast"];
            Catalogue.Write(
                Path.Combine(unfinished, name + ".csv"), ["id", .. columns],
                [Enumerable.Range(0, cache.Count).Select(i => (long)i).ToArray(), .. columns.Select(cache.Reals)]);
            Console.Error.WriteLine($"{name}: {cache.Count} images of {string.Join(" × ", shape[1..])}");
            written += cache.Count;
        }
        Directory.Move(unfinished, folder);
        Console.WriteLine($"{written} images in {folder}");
        return 0;
    }
}
