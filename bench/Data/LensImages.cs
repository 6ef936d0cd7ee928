using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.Globalization;
using System.IO;
using System.Linq;
using System.Threading;
using Hybrid.Bench.Harness;
using Hybrid.Data.Lensing;
using Hybrid.Data.Statistics;

namespace Hybrid.Bench.Data;

/// <summary>Simulated lens images, 64 × 64 in g, r, i with PSF and noise, against numpy on one thread with the same formulas.</summary>
public sealed class LensImages : Benchmark
{
    public override string Name => "lens-images";

    public override string Description
        => "Lens images of 64 × 64 × 3 pixels (SIE + shear, two Sérsic galaxies, PSF, noise) against numpy on one thread";

    public override IEnumerable<Measurement> Run(BenchOptions options)
    {
        var catalogue = Path.Combine(Path.GetTempPath(), $"hybrid-bench-{Environment.ProcessId}.txt");
        File.WriteAllLines(catalogue, Rows(500));
        try
        {
            var simulator = new LensPopSimulator(LensPopCatalogue.Read(catalogue), new LensPopOptions
            {
                // What the peer draws: a lens in every image, whether it is seen or not.
                Height = 64, Width = 64, LensFraction = 1, Selection = ArcSelection.All,
            });
            const int Images = 1000;
            var seed = 0L;
            using var ours = new PerImage(
                $"Hybrid, {Environment.ProcessorCount} threads", Images,
                () => simulator.Simulate(Images, seed++, 0, CancellationToken.None));
            using var peer = PythonPeer.Start("lens_images.py", 1, catalogue);
            yield return Comparison.Run("a lens image", ours, peer, options.Rounds, 4.0);
        }
        finally
        {
            File.Delete(catalogue);
        }
    }

    /// <summary>A block is one call that makes many images; a unit is one image.</summary>
    private sealed class PerImage(string description, int images, Action block) : IContender
    {
        public string Description => description;

        public double RunBlock()
        {
            var start = Stopwatch.GetTimestamp();
            block();
            return Stopwatch.GetElapsedTime(start).TotalSeconds / images;
        }

        public void Dispose() { }
    }

    /// <summary>Rows in LensPop's format, spread as its DES forecast: θ_E 0.5–2.3″, early-type lenses, small blue sources.</summary>
    private static IEnumerable<string> Rows(int count)
    {
        var random = new SeededRandom(1);
        for (var i = 0; i < count; i++)
        {
            var lens = random.Uniform(17, 22);
            var source = random.Uniform(22.5, 26.5);
            double[] values =
            [
                random.Uniform(0.2, 0.9), random.Uniform(1, 3), random.Uniform(0.5, 2.3), random.Uniform(200, 350), random
                    .Uniform(0.47, 0.94), random.Uniform(0.45, 1.88),
                lens + 2, lens + 0.6, lens, random.Uniform(-0.5, 0.5), random.Uniform(-0.5, 0.5), random.Uniform(0.3, 0.95), random
                    .Uniform(0, 180), random.Uniform(0.02, 0.76),
                source, source, source - 0.1, 6, 1.36, 20, 1.36, 20, 1.36, 20, 10,
            ];
            yield return string.Join(' ', values.Select(v => v.ToString("0.###", CultureInfo.InvariantCulture)));
        }
    }
}
