using System;
using System.IO;
using System.Linq;
using Hybrid.Data.Cache;
using Hybrid.Data.Figures;
using Hybrid.Data.Systems.Cygno;
using Hybrid.Samples.CommandLine;

namespace Hybrid.Samples.Cygno;

/// <summary>./hybrid cygno verify: what a set holds, before anything is trained on it.</summary>
internal static class Verifying
{
    public static int Run(RecoilSet set, string output, string cacheFolder, CommandProgram program)
    {
        using var cache = RecoilCache.Open(set, RecoilSet.Preprocessing, cacheFolder, program);
        var (nuclear, energies) = (cache.Integers("nuclear"), cache.Reals("energy"));
        var (light, windowed) = Measured(cache);
        Directory.CreateDirectory(output);
        var classes = Enumerable.Range(0, cache.Count).GroupBy(i => (nuclear[i], energies[i])).OrderBy(group => group.Key).ToArray();
        Console.WriteLine($"{Plural.Of(cache.Count, "image")}, {set.LeftOut.Count} left out; {classes.Length} kinds and energies");
        if (classes.Length <= 40)
        {
            foreach (var one in classes)
            {
                var median = one.Select(i => light[i]).Order().ElementAt(one.Count() / 2);
                var kind = one.Key.Item1 == 1 ? "NR" : "ER";
                Console.WriteLine(FormattableString.Invariant(
                    $"{kind} {one.Key.Item2,6:0.##} keV  {one.Count(),6} images  light {median,8:0} ADU (median)"));
            }
        }
        var below = windowed[0] / (double)windowed.Sum();
        Console.WriteLine(FormattableString.Invariant(
            $"window: {100 * below:0.00} % of the pixels at its lower end, {100.0 * windowed[^1] / windowed.Sum():0.00} % at its upper"));
        (string Name, Figure Figure)[] figures =
        [
            ("labels", Histogram("Kinds", "nuclear", [-0.5, 0.5, 1.5], nuclear.Select(value => (double)value).ToArray())),
            ("energies", Histogram("Energies", "energy, keV", HistogramFigure.Edges(0, Math.Max(35, energies.Max()), 70), energies)),
            ("light", Histogram(
                "Sums of light", "light in the window, ADU", HistogramFigure.Edges(Math.Min(0, light.Min()), light.Max() + 1, 80), light)),
            ("window", new HistogramFigure { LogY = true }.Build(
                "Pixels in the window", "ADU", HistogramFigure.Edges(59.5, 130.5, 71),
                [new HistogramPanel("", HistogramSeries.OfCounts("pixels", windowed, windowed.Sum()))])),
        ];
        FigureRenderer.Draw([.. figures.Select(one => new FigureJob(one.Figure) { Png = Path.Combine(output, one.Name + ".png") })]);
        Console.WriteLine($"{output} has {string.Join(", ", figures.Select(one => one.Name + ".png"))}");
        return 0;

        Figure Histogram(string title, string x, double[] edges, double[] values)
            => new HistogramFigure().Build(title, x, edges, [new HistogramPanel(
                "",
                new HistogramSeries("nuclear recoils", [.. values.Where((_, i) => nuclear[i] == 1)]),
                new HistogramSeries("electron recoils", [.. values.Where((_, i) => nuclear[i] == 0)]))]);
    }

    /// <summary>Light above the mean background, ADU, of each image, and how many pixels have each value of the window.</summary>
    private static (double[] Light, int[] Windowed) Measured(Cache cache)
    {
        const int Pixels = 128 * 128, Piece = 500;
        const double Low = 60, Range = 70;
        var background = new RecoilSimulator().BackgroundMean;
        var (light, windowed) = (new double[cache.Count], new int[71]);
        foreach (var piece in Enumerable.Range(0, cache.Count).Chunk(Piece))
        {
            var images = new float[piece.Length * Pixels];
            cache.ReadTensors("image", piece, images);
            for (var i = 0; i < piece.Length; i++)
            {
                var sum = 0.0;
                foreach (var value in images.AsSpan(i * Pixels, Pixels))
                {
                    sum += Low + (Range * value) - background;
                    windowed[Math.Clamp((int)Math.Round(value * Range), 0, 70)]++;
                }
                light[piece[i]] = sum;
            }
        }
        return (light, windowed);
    }
}
