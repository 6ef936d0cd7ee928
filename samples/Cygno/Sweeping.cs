using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using Hybrid.Data.Figures;
using Hybrid.Data.Formats;
using Hybrid.Data.Systems.Cygno;
using Hybrid.Models.Engine;
using Hybrid.Models.Systems.Cygno;
using Hybrid.Models.Training;
using Hybrid.Samples.CommandLine;
using static TorchSharp.torch;

namespace Hybrid.Samples.Cygno;

/// <summary>./hybrid cygno sweep: what the batch size costs and gives.</summary>
internal static class Sweeping
{
    public static int Run(
        RecoilSet set, RecoilTrainingOptions options, int[] sizes, string output, string cacheFolder, string deviceName,
        CommandProgram program)
    {
        options.Check();
        using var cache = RecoilCache.Open(set, RecoilSet.Preprocessing, cacheFolder, program);
        using var parts = new RecoilParts(cache);
        program.LoadEngine().Wait();
        var device = ComputeDevice.Named(deviceName);
        var (losses, errors, seconds) = (new List<double>(), new List<double>(), new List<double>());
        foreach (var size in sizes)
        {
            manual_seed(options.Seed);
            using var network = new RecoilNetwork(classes: set.Classes.Count, device: device);
            var result = RecoilTraining.Fit(
                network, parts.Training, parts.Validation, options with { BatchSize = size }, new TrainingOptions(), Progress.Console(),
                program.Stop);
            program.Stop.ThrowIfCancellationRequested();
            var best = result.History.MinBy(epoch => epoch.Metrics?[RecoilTraining.CrossEntropy] ?? double.PositiveInfinity)!;
            losses.Add(best.Metrics?[RecoilTraining.CrossEntropy] ?? double.NaN);
            errors.Add(best.Metrics?[RecoilTraining.EnergyError] ?? double.NaN);
            seconds.Add(result.Seconds / Math.Max(1, result.Epochs));
            Console.WriteLine(FormattableString.Invariant(
                $"batches of {size,4}: cross-entropy {losses[^1]:0.0000}, energy error {errors[^1]:0.00} keV, ")
                + FormattableString.Invariant($"{seconds[^1]:0.0} s an epoch"));
        }
        Directory.CreateDirectory(output);
        Catalogue.Write(
            Path.Combine(output, "sweep.csv"), ["batch", "cross_entropy", "energy_error_kev", "seconds_per_epoch"],
            [sizes.Select(size => (double)size).ToArray(), losses.ToArray(), errors.ToArray(), seconds.ToArray()]);
        double[] x = [.. sizes.Select(size => (double)size)];
        var figure = HistoryFigure.Build(
            "Batch sizes", "images in a batch",
            [
                new HistoryPanel("cross-entropy", new Line("cross-entropy", x, [.. losses])),
                new HistoryPanel("seconds an epoch", new Line("seconds an epoch", x, [.. seconds])),
            ]);
        FigureRenderer.Draw([new FigureJob(figure) { Png = Path.Combine(output, "sweep.png") }]);
        Console.WriteLine($"{output} has sweep.csv and sweep.png");
        return 0;
    }
}
