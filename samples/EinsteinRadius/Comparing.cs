using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.IO;
using System.Linq;
using Hybrid.Data.Cache;
using Hybrid.Data.Systems.EinsteinRadius;
using Hybrid.Models.Adaptation;
using Hybrid.Models.Engine;
using Hybrid.Models.Systems.EinsteinRadius;
using Hybrid.Models.Training;
using Hybrid.Samples.CommandLine;
using TorchSharp;

namespace Hybrid.Samples.EinsteinRadius;

/// <summary>What determines a comparison; options.json of its folder holds it.</summary>
public sealed record ComparisonNotes(
    RadiusNotes Data, string Network, IReadOnlyList<string> Techniques, IReadOnlyList<int> Folds, IReadOnlyList<long> Seeds,
    RadiusOptions Training, int Threads, string Device);

/// <summary>Mean |fractional error| of the test images with one band dark.</summary>
public sealed record DarkBands(string Technique, int Fold, long Seed, double WithoutG, double WithoutR, double WithoutI)
{
    internal static DarkBands Of(string technique, int fold, long seed, IRadiusEstimator estimator, Cache test, torch.Device device)
    {
        double Error(int band) => RadiusPredictions.Of(estimator, test, device, band).FractionalError.Average(Math.Abs);
        return new DarkBands(technique, fold, seed, Error(0), Error(1), Error(2));
    }
}

/// <summary>./hybrid einstein-radius compare: every technique with the same networks, images, epochs and seeds.</summary>
internal static class Comparing
{
    public static int Run(
        ComparisonNotes notes,
        RunFolder place,
        RadiusData data,
        string cacheFolder,
        bool hasFigures,
        bool leavesBandsOut,
        CommandProgram program)
    {
        var clock = Stopwatch.StartNew();
        if (place.Resumes) CheckContinues(RunDirectory.NotesOf<ComparisonNotes>(place.Path), notes);
        using var run = place.Resumes
            ? RunDirectory.Continue(place.Path)
            : RunDirectory.Create(place.Path, new { Options = new { Notes = notes } }, replace: place.Existing == ExistingRun.Replace);
        program.LoadEngine().Wait();
        var device = ComputeDevice.Named(notes.Device);
        var network = RadiusNetwork.Named(notes.Network);
        var techniques = notes.Techniques.Select(RadiusTechniques.Named).ToArray();
        var set = RadiusData.SetNamed(notes.Data.Set);
        var (runs, failures) = (new List<RadiusRun>(), new List<string>());
        var dark = new List<DarkBands>();
        var learnt = new SortedDictionary<string, IReadOnlyDictionary<string, double>>(StringComparer.Ordinal);
        foreach (var fold in notes.Folds)
        {
            using var caches = new RadiusCaches(data.Domains(notes.Data, fold), cacheFolder, program);
            var sets = techniques.Where(facts => facts.Technique != RadiusTechnique.Constant)
                .Select(facts => facts.IsInjected ? RadiusPart.Injection : set).Distinct().ToArray();
            Console.WriteLine(caches.RequireNoLeak(notes.Data.Preprocessing, sets));
            foreach (var seed in notes.Seeds)
            {
                var baselines = new Dictionary<RadiusTechnique, NetworkRadius>();
                foreach (var facts in techniques)
                {
                    program.Stop.ThrowIfCancellationRequested();
                    var folder = Path.Combine(place.Path, FolderOf(fold, facts.Name, seed));
                    var baseline = facts.Begins is { } begins && baselines.TryGetValue(begins, out var found) ? found.Network : null;
                    var started = clock.Elapsed;
                    try
                    {
                        var (test, small, estimator, kept) = TechniqueRun.Do(
                            facts, folder, network, caches, facts.IsInjected ? RadiusPart.Injection : set,
                            facts.Technique == RadiusTechnique.Raw ? "raw" : notes.Data.Preprocessing,
                            notes.Training with { Seed = seed }, baseline, device, null, program.Stop);
                        runs.Add(new RadiusRun(facts.Technique, fold, seed, test, small));
                        if (leavesBandsOut)
                        {
                            var cache = caches.Of(
                                RadiusPart.Test, facts.Technique == RadiusTechnique.Raw ? "raw" : notes.Data.Preprocessing);
                            dark.Add(DarkBands.Of(facts.Name, fold, seed, estimator, cache, device));
                        }
                        if (kept.Learnt.Count > 0) learnt[$"fold {fold}, seed {seed}, {facts.Name}"] = kept.Learnt;
                        var isBegun = techniques.Any(other => other.Begins == facts.Technique);
                        if (isBegun && estimator is ScaledRadius { Inner: NetworkRadius begun }) baselines[facts.Technique] = begun;
                        else estimator.Dispose();
                        Console.WriteLine(
                            $"fold {fold}, seed {seed}, {facts.Name}: {Told(test)}"
                                + F($", {(clock.Elapsed - started).TotalSeconds:0} s"));
                    }
                    catch (InvalidOperationException failure) when (failure.Message.StartsWith("Trainer.Fit", StringComparison.Ordinal))
                    {
                        failures.Add($"fold {fold}, seed {seed}, {facts.Name}: {failure.Message}");
                        Console.Error.WriteLine($"einstein-radius: {failures[^1]}");
                    }
                }
                foreach (var baseline in baselines.Values) baseline.Dispose();
            }
        }
        var comparison = RadiusComparison.Of(runs, [.. techniques.Select(facts => facts.Technique)]);
        run.Write("comparison.json", comparison);
        if (learnt.Count > 0) run.Write("learnt.json", learnt);
        if (dark.Count > 0) run.Write("dark-bands.json", dark);
        if (hasFigures) ComparisonReport.Write(run, notes, comparison, runs, learnt, dark, failures, clock.Elapsed.TotalSeconds);
        Print(comparison);
        var files = hasFigures ? "comparison.json, report.html and pictures" : "comparison.json";
        Console.WriteLine(F($"{run.Folder} has {Plural.Of(runs.Count, "run")}, {files}; {clock.Elapsed.TotalSeconds:0} s"));
        Console.WriteLine(comparison.LastLine);
        return 0;
    }

    /// <summary>A technique's folder within the comparison's.</summary>
    public static string FolderOf(int fold, string technique, long seed) => Path.Combine($"fold-{fold}", $"{technique}-seed-{seed}");

    /// <summary>The errors over all images and the bright ones.</summary>
    public static string Told(RadiusPredictions test)
    {
        double Mean(RadiusPredictions of) => of.Count == 0 ? double.NaN : of.FractionalError.Average(Math.Abs);
        return F($"mean |fractional error| {Mean(test):0.000} all, {Mean(RadiusSubset.Bright.Of(test)):0.000} bright");
    }

    private static void CheckContinues(ComparisonNotes earlier, ComparisonNotes now)
    {
        if (earlier.Data != now.Data || earlier.Training != now.Training || earlier.Network != now.Network)
            throw new ArgumentException(
                $"--resume: expected the options that the comparison began with, {earlier.Network}, {earlier.Data} and "
                    + $"{earlier.Training}, got {now.Network}, {now.Data} and {now.Training}.");
    }

    private static void Print(RadiusComparison comparison)
    {
        Console.WriteLine(
            $"{"technique",-20} {"all",22} {"bright",22} {"seen",7} {"small 32",9} {"median",7} {"in 10 %",8} {"bias",7} {"coverage",9} "
                + $"{"against beta-nll",26}");
        foreach (var row in comparison.Rows)
        {
            if (row.All is not { } all)
            {
                Console.WriteLine($"{row.Technique,-20} did not run");
                continue;
            }
            Console.WriteLine(
                $"{row.Technique,-20} {Interval(all),22} {(row.Bright is { } b ? Interval(b) : ""),22} "
                    + F($"{row.Seen?.MeanError.Value,7:0.000} {row.Small!.MeanError.Value,9:0.000} {all.MedianError,7:0.000} ")
                    + F($"{100 * all.WithinTenth,6:0} % {all.Bias,7:+0.000;-0.000;0.000} {100 * all.Coverage,7:0} % ")
                    + $"{row.Gain?.AsDifference(),26}");
        }
    }

    private static string Interval(RadiusEvaluation of)
        => F($"{of.MeanError.Value:0.000} ({of.MeanError.Low:0.000} to {of.MeanError.High:0.000})");

    private static string F(FormattableString text) => FormattableString.Invariant(text);
}
