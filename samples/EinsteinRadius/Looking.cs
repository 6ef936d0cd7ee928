using System;
using System.IO;
using System.Linq;
using System.Threading;
using Hybrid.Data.Figures;
using Hybrid.Data.Systems.EinsteinRadius;

namespace Hybrid.Samples.EinsteinRadius;

/// <summary>
/// ./hybrid einstein-radius look: what the original's notebook shows of its data before anything is trained, for each simulated set and
/// against the real-like one.
/// </summary>
internal static class Looking
{
    // The original's call: adjust_distributions([99.6]*3, [99.5]*3, k=4).
    private const double HighPercent = 99.6, LowPercent = 99.5;
    private const int Extremes = 4;

    private static readonly RadiusPart[] _parts =
        [RadiusPart.LensPop, RadiusPart.Challenge1, RadiusPart.Challenge2, RadiusPart.Injection];

    public static int Draw(RadiusDomains domains, string folder, int count, CancellationToken stop)
    {
        if (Path.Exists(folder)) throw new IOException($"--output: {Path.GetFullPath(folder)} is there already. Choose another name.");
        var unfinished = folder + ".part";
        if (Directory.Exists(unfinished)) Directory.Delete(unfinished, recursive: true);
        Directory.CreateDirectory(unfinished);
        var real = Adjusted(domains.Dataset(RadiusPart.Adaptation, count, stop)).Data;
        var pictures = 0;
        foreach (var part in _parts)
        {
            stop.ThrowIfCancellationRequested();
            var before = domains.Dataset(part, count, stop);
            Console.WriteLine(before.Describe());
            var after = Adjusted(before);
            foreach (var band in after.Bands)
            {
                Console.WriteLine(band);
                Console.WriteLine($"  largest {Texts(band.Largest)}, smallest {Texts(band.Smallest)}");
            }
            var name = part.ToString().ToLowerInvariant();
            FigureJob[] jobs =
            [
                .. LensFigures.Adjustment(before, after.Data, real).Select(
                    one => new FigureJob(one.Item2) { Png = Path.Combine(unfinished, $"{name}-{one.Item1}.png"), Scale = 1 }),
            ];
            FigureRenderer.Draw(jobs);
            pictures += jobs.Length;
        }
        Directory.Move(unfinished, folder);
        Console.WriteLine($"{pictures} pictures in {folder}");
        return 0;
    }

    private static AdjustedDataset Adjusted(LensDataset data)
    {
        double[] Each(double percent) => [.. Enumerable.Repeat(percent, data.Inputs.BandCount)];
        return data.AdjustDistributions(Each(HighPercent), Each(LowPercent), normalise: true, Extremes);
    }

    private static string Texts(float[] values)
        => string.Join(" ", values.Select(value => FormattableString.Invariant($"{value:0.0}")));
}
