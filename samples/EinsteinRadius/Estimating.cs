using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Threading;
using Hybrid.Data.Formats;
using Hybrid.Data.Images;
using Hybrid.Data.Lensing;
using Hybrid.Data.Systems.EinsteinRadius;
using static TorchSharp.torch;

namespace Hybrid.Samples.EinsteinRadius;

/// <summary>./hybrid einstein-radius estimate: radii of images whose truth is not known.</summary>
internal static class Estimating
{
    private const double Sigmas = 1.96;
    private const int PieceSize = 200;

    public static int Run(
        string folder, string[] places, string output, double? zeroPoint, double? pixelScale, Device device, CancellationToken stop)
    {
        if (File.Exists(output)) throw new IOException($"--output: {Path.GetFullPath(output)} is there already. Choose another name.");
        if (pixelScale is { } asked && !(asked > 0)) throw new ArgumentException($"--pixel-scale: expected arcsec > 0, got {asked}.");
        var (estimator, notes) = TechniqueRun.Load(folder, device);
        using var _ = estimator;
        if (notes.Preprocessing == "clip-z")
            throw new ArgumentException(
                $"{folder}: an estimator with the preprocessing clip-z needs the statistics of its own data; train one with asinh.");
        var recipe = RadiusPreprocessing.Of(notes.Preprocessing, new Lazy<ImageSet>(() => throw new InvalidOperationException()));
        var (ids, radius, low, high) = (new List<string>(), new List<double>(), new List<double>(), new List<double>());
        var left = 0;
        var scale = pixelScale ?? DesGalaxies.PixelScale;
        var side = Side(notes.Size, scale);
        foreach (var (entries, read) in places
            .Select(place => LensImageList.Open(place, notes.Bands.Split(' ')))
            .SelectMany(list => list.Pieces(side, zeroPoint ?? notes.ZeroPoint, PieceSize, reason =>
            {
                left++;
                Console.Error.WriteLine($"einstein-radius: left out {reason}");
            })))
        {
            stop.ThrowIfCancellationRequested();
            // Before pixels are brought to another scale, over which a missing one would spread.
            var whole = Intensity.ReplaceMissing(read, 0);
            var images = recipe.Apply(
                RadiusScales.To(whole, scale, DesGalaxies.PixelScale, notes.Size).ToZeroPoint(notes.ZeroPoint), 0);
            using var scope = NewDisposeScope();
            var (mean, variance) = estimator.Estimate(
                tensor(images.Pixels, [images.Count, images.BandCount, images.Height, images.Width], device: device));
            var means = mean.cpu().to(ScalarType.Float64).data<double>().ToArray();
            var deviations = variance.sqrt().cpu().to(ScalarType.Float64).data<double>().ToArray();
            ids.AddRange(entries.Select(entry => entry.Id));
            radius.AddRange(means.Select(Math.Exp));
            low.AddRange(means.Zip(deviations, (m, d) => Math.Exp(m - (Sigmas * d))));
            high.AddRange(means.Zip(deviations, (m, d) => Math.Exp(m + (Sigmas * d))));
        }
        if (ids.Count == 0)
            throw new InvalidDataException(
                $"{string.Join(", ", places)}: expected images, found none that can be read.");
        Catalogue.Write(output, ["id", "theta_e", "low", "high"], [ids.ToArray(), radius.ToArray(), low.ToArray(), high.ToArray()]);
        Console.WriteLine($"{ids.Count} radi{(ids.Count == 1 ? "us" : "i")} in {output} (arcsec, 95 % intervals), {left} left out");
        return 0;
    }

    /// <summary>Pixels of a file that hold the estimator's field: those that come closest to its pixel scale.</summary>
    private static int Side(int size, double scale)
    {
        if (scale == DesGalaxies.PixelScale) return size;
        var least = 2 * (int)Math.Ceiling(size * DesGalaxies.PixelScale / scale / 2);
        return RadiusScales.Find(scale, DesGalaxies.PixelScale, least + 4, size).From;
    }
}
