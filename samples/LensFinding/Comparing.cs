using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.IO;
using System.Linq;
using Hybrid.Models.Adaptation;
using Hybrid.Models.Engine;
using Hybrid.Models.Systems.LensFinding;
using Hybrid.Models.Training;
using Hybrid.Samples.CommandLine;

namespace Hybrid.Samples.LensFinding;

/// <summary>What determines a comparison; options.json of its folder holds it.</summary>
public sealed record ComparisonNotes(
    DomainNotes Domains, IReadOnlyList<string> Methods, IReadOnlyList<int> RunFolds, IReadOnlyList<long> Seeds, LensFindingOptions Training,
    int Threads, string Device);

/// <summary>./hybrid lens-finding compare: every method with the same networks, images, epochs and seeds.</summary>
internal static class Comparing
{
    public static int Run(
        ComparisonNotes notes,
        RunFolder place,
        DomainData data,
        string cacheFolder,
        bool hasFigures,
        CommandProgram program)
    {
        var clock = Stopwatch.StartNew();
        if (place.Resumes) CheckContinues(RunDirectory.NotesOf<ComparisonNotes>(place.Path), notes);
        using var run = place.Resumes
            ? RunDirectory.Continue(place.Path)
            : RunDirectory.Create(place.Path, new { Options = new { Notes = notes } }, replace: place.Existing == ExistingRun.Replace);
        program.LoadEngine().Wait();
        var device = ComputeDevice.Named(notes.Device);
        var methods = notes.Methods.Select(LensFindingMethods.Named).ToArray();
        var runs = new List<LensRun>();
        var failures = new List<string>();
        var projections = new List<FeatureProjection>();
        foreach (var fold in notes.RunFolds)
        {
            var domains = data.Domains(notes.Domains, fold);
            var (source, target, test) = DomainData.Caches(domains, notes.Domains.Preprocessing, cacheFolder, program);
            using (source)
            using (target)
            using (test)
            {
                foreach (var seed in notes.Seeds)
                {
                    Classifier? baseline = null;
                    foreach (var method in methods)
                    {
                        program.Stop.ThrowIfCancellationRequested();
                        var name = LensFindingMethods.NameOf(method);
                        var folder = Path.Combine(place.Path, $"fold-{fold}", $"{name}-seed-{seed}");
                        try
                        {
                            var started = clock.Elapsed;
                            var (scores, predictor) = MethodRun.Do(
                                method, folder, (source, target, test), notes.Domains, notes.Training with { Seed = seed },
                                baseline, device, null, program.Stop);
                            runs.Add(new LensRun(method, fold, seed, scores));
                            if (fold == notes.RunFolds[0] && seed == notes.Seeds[0])
                                projections.Add(FeatureProjection.Of(name, predictor, source, test, device));
                            if (method == LensFindingMethod.SourceOnly) baseline = predictor;
                            else predictor.Dispose();
                            var evaluation = LensEvaluation.Of(scores);
                            var seconds = (clock.Elapsed - started).TotalSeconds;
                            var (auc, accuracy) = (evaluation.Area.Auc, evaluation.BalancedAccuracy);
                            Console.WriteLine(
                                $"fold {fold}, seed {seed}, {name}: "
                                    + F($"AUROC {auc:0.000}, balanced accuracy {accuracy:0.000}, {seconds:0} s"));
                        }
                        catch (InvalidOperationException failure) when (failure.Message.StartsWith("Trainer.Fit", StringComparison.Ordinal))
                        {
                            failures.Add($"fold {fold}, seed {seed}, {name}: {failure.Message}");
                            Console.Error.WriteLine($"lens-finding: {failures[^1]}");
                        }
                    }
                    baseline?.Dispose();
                }
            }
        }
        var comparison = LensComparison.Of(runs, methods);
        run.Write("comparison.json", comparison);
        if (hasFigures) ComparisonReport.Write(run, notes, comparison, runs, projections, failures, clock.Elapsed.TotalSeconds);
        Print(comparison);
        var files = hasFigures ? "comparison.json, report.html and pictures" : "comparison.json";
        Console.WriteLine(F($"{run.Folder} has {runs.Count} runs, {files}; {clock.Elapsed.TotalSeconds:0} s"));
        Console.WriteLine(comparison.LastLine);
        return 0;
    }

    private static void CheckContinues(ComparisonNotes earlier, ComparisonNotes now)
    {
        if (earlier.Domains != now.Domains || earlier.Training != now.Training)
            throw new ArgumentException(
                $"--resume: expected the options that the comparison began with, {earlier.Domains} and {earlier.Training}, "
                    + $"got {now.Domains} and {now.Training}.");
    }

    private static void Print(LensComparison comparison)
    {
        Console.WriteLine(
            $"{"method",-16} {"AUROC",13} {"gain (95 % by galaxy)",28} {"balanced accuracy",18} {"gap closed",11} {"AP 100:1",9}");
        foreach (var row in comparison.Rows)
        {
            if (row.Runs == 0)
            {
                Console.WriteLine($"{row.Method,-16} did not run");
                continue;
            }
            var gain = row.AucGain is { } g ? F($"{g.Value:+0.000;-0.000} ({g.Low:+0.000;-0.000} to {g.High:+0.000;-0.000})") : "";
            var closed = row.GapClosed is { } share ? F($"{100 * share:0} %") : "";
            var auc = F($"{row.Auc:0.000} ± {row.AucDeviation:0.000}");
            var accuracy = F($"{row.BalancedAccuracy:0.000} ± {row.BalancedAccuracyDeviation:0.000}");
            var precision = F($"{row.AveragePrecision:0.000}");
            Console.WriteLine($"{row.Method,-16} {auc,13} {gain,28} {accuracy,18} {closed,11} {precision,9}");
        }
    }

    private static string F(FormattableString text) => FormattableString.Invariant(text);
}
