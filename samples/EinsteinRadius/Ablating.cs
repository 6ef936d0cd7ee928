using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.IO;
using System.Linq;
using Hybrid.Data.Cache;
using Hybrid.Data.Figures;
using Hybrid.Data.Lensing;
using Hybrid.Data.Systems.EinsteinRadius;
using Hybrid.Models.Adaptation;
using Hybrid.Models.Engine;
using Hybrid.Models.Systems.EinsteinRadius;
using Hybrid.Models.Training;
using Hybrid.Samples.CommandLine;
using static TorchSharp.torch;

namespace Hybrid.Samples.EinsteinRadius;

/// <summary>One row of the ablation: means over folds and seeds; the interval is that of MeanError by galaxy.</summary>
public sealed record AblationRow(
    string Set, string Preprocessing, string Technique, int Runs, double Mse, double MeanError, double Low, double High,
    double MedianError, double? BrightError)
{
    internal string Name => $"{Set}, {Preprocessing}, {Technique}";
}

/// <summary>./hybrid einstein-radius ablation: what preprocessing, adaptation and training set are worth.</summary>
internal static class Ablating
{
    public static int Run(
        ComparisonNotes notes, RunFolder place, RadiusData data, string cacheFolder, bool hasFigures,
        CommandProgram program)
    {
        var clock = Stopwatch.StartNew();
        using var run = place.Resumes
            ? RunDirectory.Continue(place.Path)
            : RunDirectory.Create(place.Path, new { Options = new { Notes = notes } }, replace: place.Existing == ExistingRun.Replace);
        program.LoadEngine().Wait();
        var device = ComputeDevice.Named(notes.Device);
        var network = RadiusNetwork.Named(notes.Network);
        var variants = Variants().ToArray();
        var results = variants.Select(_ => new List<RadiusPredictions>()).ToArray();
        Figure? spectra = null;
        foreach (var fold in notes.Folds)
        {
            using var caches = new RadiusCaches(data.Domains(notes.Data, fold), cacheFolder, program);
            if (hasFigures) spectra ??= Spectra(caches);
            foreach (var seed in notes.Seeds)
            {
                foreach (var (variant, number) in variants.Select((variant, number) => (variant, number)))
                {
                    program.Stop.ThrowIfCancellationRequested();
                    var facts = RadiusTechniques.Of(variant.Technique);
                    var folder = Path.Combine(
                        place.Path, $"fold-{fold}", $"{variant.Set}-{variant.Preprocessing}-{facts.Name}-seed-{seed}");
                    var (test, _, estimator, _) = TechniqueRun.Do(
                        facts, folder, network, caches, RadiusData.SetNamed(variant.Set), variant.Preprocessing,
                        notes.Training with { Seed = seed }, null, device, null, program.Stop);
                    estimator.Dispose();
                    results[number].Add(test);
                    Console.WriteLine(
                        $"fold {fold}, seed {seed}, {variant.Set}, {variant.Preprocessing}, {facts.Name}: {Comparing.Told(test)}");
                }
            }
        }
        var rows = variants.Select((variant, number) =>
        {
            var bright = results[number].Select(RadiusSubset.Bright.Of).Where(part => part.Count > 0).ToArray();
            var all = results[number].Select(test => RadiusEvaluation.Of(test)).ToArray();
            return new AblationRow(
                variant.Set, variant.Preprocessing, RadiusTechniques.Of(variant.Technique).Name, all.Length, all.Average(e => e.Mse),
                all.Average(e => e.MeanError.Value), all.Average(e => e.MeanError.Low), all.Average(e => e.MeanError.High),
                all.Average(e => e.MedianError),
                bright.Length == 0 ? null : bright.Average(part => part.FractionalError.Average(Math.Abs)));
        }).ToArray();
        run.Write("ablation.json", rows);
        if (hasFigures) Report(run, notes, rows, spectra, clock.Elapsed.TotalSeconds);
        Console.WriteLine($"{"training set",-22} {"preprocessing",-14} {"technique",-16} {"MSE",7} {"mean",7} {"median",7} {"bright",7}");
        foreach (var row in rows)
            Console.WriteLine(FormattableString.Invariant(
                $"{row.Set,-22} {row.Preprocessing,-14} {row.Technique,-16} {row.Mse,7:0.000} {row.MeanError,7:0.000} ")
                + FormattableString.Invariant($"{row.MedianError,7:0.000} {row.BrightError,7:0.000}"));
        var files = hasFigures ? "ablation.json, report.html and pictures" : "ablation.json";
        Console.WriteLine(FormattableString.Invariant($"{run.Folder} has {files}; {clock.Elapsed.TotalSeconds:0} s"));
        return 0;
    }

    private static void Report(RunDirectory run, ComparisonNotes notes, AblationRow[] rows, Figure? spectra, double seconds)
    {
        var ranks = new RankFigure().Build(
            "Mean |fractional error| of every variant", "mean |fractional error|, 95 % interval by galaxy",
            [.. rows.Select(row => row.Name)],
            new RankSeries(
                "all", [.. rows.Select(row => row.MeanError)], [.. rows.Select(row => row.Low)], [.. rows.Select(row => row.High)]));
        var figures = new List<(string Name, Figure Figure)> { ("variants", ranks) };
        if (spectra is not null) figures.Add(("spectra", spectra));
        FigureRenderer.Draw([.. figures.Select(figure => new FigureJob(figure.Figure) { Png = run.PathOf(figure.Name + ".png") })]);
        var report = new Report("Einstein radii: what each step is worth")
        {
            Subtitle = FormattableString.Invariant(
                $"{notes.Network}, {notes.Data.Training} training images, {notes.Training.Epochs} epochs, {rows[0].Runs} runs a row"),
        };
        var best = rows.MinBy(row => row.MeanError)!;
        report.AddKeyNumber("best", FormattableString.Invariant($"{best.MeanError:0.000}"), best.Name);
        report.AddKeyNumber("time", FormattableString.Invariant($"{seconds:0} s"), $"{notes.Threads} threads");
        report.AddTable(
            "Variants", ["training set", "preprocessing", "technique", "MSE", "mean |fractional error|", "median", "bright"],
            [.. rows.Select(row => new[]
            {
                row.Set, row.Preprocessing, row.Technique, FormattableString.Invariant($"{row.Mse:0.000}"),
                FormattableString.Invariant($"{row.MeanError:0.000} ({row.Low:0.000} to {row.High:0.000})"),
                FormattableString.Invariant($"{row.MedianError:0.000}"), FormattableString.Invariant($"{row.BrightError:0.000}"),
            })]);
        report.AddText(
            "The first rows have squared errors as their loss, with and without the discrepancy of features; the last ones β-NLL on each "
                + "training set by itself. challenge2-unmatched is Euclid brought to the survey's pixels alone: without its PSF, colours "
                + "and noise.");
        foreach (var (_, figure) in figures) report.AddFigure(figure);
        report.Write(run.PathOf("report.html"));
    }

    /// <summary>Power spectra of each band: Euclid before and after its step, and the survey that it shall look like.</summary>
    private static Figure Spectra(RadiusCaches caches)
    {
        (string Name, RadiusPart Part)[] parts =
        [
            ("Euclid, pixels alone", RadiusPart.Challenge2Unmatched), ("Euclid, matched", RadiusPart.Challenge2),
            ("simulated survey", RadiusPart.LensPop), ("real fields", RadiusPart.Adaptation),
        ];
        var spectra = parts.Select(part => RadialSpectrum.Of(First(caches.Of(part.Part, RadiusPreprocessing.Names[0])).sinh())).ToArray();
        var figure = HistoryFigure.Build(
            "Power spectra of the bands", "frequency, cycles a pixel",
            [.. DesGalaxies.Bands.Select((band, number) => new HistoryPanel(
                $"{band}, (3 σ of the sky)²",
                [.. spectra.Zip(parts, (spectrum, part) => new Line(part.Name, [.. spectrum.Frequencies], spectrum.Power[number]))])
            {
                LogY = true, Height = 150,
            })]);
        figure.Caption = "At high frequencies noise alone is left, at middle ones the PSF shows. Matched, Euclid's spectra shall lie on "
            + "the survey's there; at low ones the populations of galaxies differ.";
        return figure;
    }

    private static Tensor First(Cache cache)
    {
        var sizes = new BatchOptions { BatchSize = Math.Min(500, cache.Count), Shuffle = false };
        foreach (var batch in new CacheBatches(cache, sizes, "image").Epoch(0, 0)) return batch["image"].clone();
        throw new InvalidOperationException("ablation: expected images, got none.");
    }

    private static IEnumerable<(string Set, string Preprocessing, RadiusTechnique Technique)> Variants()
    {
        foreach (var preprocessing in RadiusPreprocessing.Names.Reverse())
        {
            yield return ("union", preprocessing, RadiusTechnique.Deterministic);
            yield return ("union", preprocessing, RadiusTechnique.Mmd);
        }
        foreach (var (name, _) in RadiusData.Sets.Where(set => set.Name != "union"))
            yield return (name, RadiusPreprocessing.Names[0], RadiusTechnique.BetaNll);
        yield return ("union", RadiusPreprocessing.Names[0], RadiusTechnique.BetaNll);
    }
}
