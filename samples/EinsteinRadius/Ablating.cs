using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.IO;
using System.Linq;
using Hybrid.Data.Systems.EinsteinRadius;
using Hybrid.Models.Engine;
using Hybrid.Models.Systems.EinsteinRadius;
using Hybrid.Models.Training;
using Hybrid.Samples.CommandLine;

namespace Hybrid.Samples.EinsteinRadius;

/// <summary>One row of the ablation: means over folds and seeds.</summary>
public sealed record AblationRow(
    string Set, string Preprocessing, string Technique, int Runs, double Mse, double MeanError, double MedianError, double? BrightError);

/// <summary>./hybrid einstein-radius ablation: what preprocessing, adaptation and training set are worth.</summary>
internal static class Ablating
{
    public static int Run(ComparisonNotes notes, RunFolder place, RadiusData data, string cacheFolder, CommandProgram program)
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
        foreach (var fold in notes.Folds)
        {
            using var caches = new RadiusCaches(data.Domains(notes.Data, fold), cacheFolder, program);
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
            var all = results[number].Select(test => RadiusEvaluation.Of(test, 100)).ToArray();
            return new AblationRow(
                variant.Set, variant.Preprocessing, RadiusTechniques.Of(variant.Technique).Name, all.Length, all.Average(e => e.Mse),
                all.Average(e => e.MeanError.Value), all.Average(e => e.MedianError),
                bright.Length == 0 ? null : bright.Average(part => part.FractionalError.Average(Math.Abs)));
        }).ToArray();
        run.Write("ablation.json", rows);
        Console.WriteLine($"{"training set",-22} {"preprocessing",-14} {"technique",-16} {"MSE",7} {"mean",7} {"median",7} {"bright",7}");
        foreach (var row in rows)
            Console.WriteLine(FormattableString.Invariant(
                $"{row.Set,-22} {row.Preprocessing,-14} {row.Technique,-16} {row.Mse,7:0.000} {row.MeanError,7:0.000} ")
                + FormattableString.Invariant($"{row.MedianError,7:0.000} {row.BrightError,7:0.000}"));
        Console.WriteLine(FormattableString.Invariant($"{run.Folder} has ablation.json; {clock.Elapsed.TotalSeconds:0} s"));
        return 0;
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
