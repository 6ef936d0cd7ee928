using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.IO;
using System.Linq;
using System.Text.Json.Serialization;
using Hybrid.Models.Adaptation;
using Hybrid.Models.Engine;
using Hybrid.Models.Systems.LensFinding;
using Hybrid.Models.Training;
using Hybrid.Samples.CommandLine;

namespace Hybrid.Samples.LensFinding;

/// <summary>What determines a comparison; options.json of its folder holds it.</summary>
/// <param name="Domains">What the images are.</param>
/// <param name="Methods">By their names.</param>
/// <param name="RunFolds">Which folds judge.</param>
/// <param name="Seeds">Of the trainings.</param>
/// <param name="Training">How each is trained.</param>
/// <param name="Threads">Of tensor operations.</param>
/// <param name="Device">Where it is trained.</param>
/// <param name="Backbones">Encoders by their names; null for the small one.</param>
/// <param name="LearningRate">For all encoders; null for each one's own.</param>
/// <param name="Weights">SHA-256 of the file of published weights; null without one.</param>
public sealed record ComparisonNotes(
    DomainNotes Domains, IReadOnlyList<string> Methods, IReadOnlyList<int> RunFolds, IReadOnlyList<long> Seeds, LensFindingOptions Training,
    int Threads, string Device, IReadOnlyList<string>? Backbones = null, double? LearningRate = null, string? Weights = null)
{
    /// <summary>Names of the encoders.</summary>
    [JsonIgnore]
    public IReadOnlyList<string> Encoders => Backbones ?? [LensBackbones.All[0].Name];
}

/// <summary>./hybrid lens-finding compare: every method with the same networks, images, epochs and seeds.</summary>
internal static class Comparing
{
    public static int Run(
        ComparisonNotes notes,
        RunFolder place,
        DomainData data,
        string cacheFolder,
        string? weights,
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
        var heat = new List<HeatMaps>();
        foreach (var fold in notes.RunFolds)
        {
            var domains = data.Domains(notes.Domains, fold);
            var (source, target, test) = DomainData.Caches(domains, notes.Domains.Preprocessing, cacheFolder, program);
            using (source)
            using (target)
            using (test)
            {
                foreach (var (backbone, seed) in notes.Encoders.SelectMany(name => notes.Seeds.Select(seed => (name, seed))))
                {
                    var chosen = new ChosenBackbone(LensBackbones.Named(backbone), weights);
                    var options = notes.Training with
                    {
                        Seed = seed, LearningRate = notes.LearningRate ?? chosen.Backbone.LearningRate,
                    };
                    Classifier? baseline = null;
                    foreach (var method in methods)
                    {
                        program.Stop.ThrowIfCancellationRequested();
                        var name = LensFindingMethods.NameOf(method);
                        var what = $"fold {fold}, seed {seed}, {(backbone == LensBackbones.All[0].Name ? "" : $"{backbone}, ")}{name}";
                        var folder = Path.Combine(place.Path, $"fold-{fold}", FolderName(backbone, name, seed));
                        try
                        {
                            var started = clock.Elapsed;
                            var (scores, predictor) = MethodRun.Do(
                                method, folder, (source, target, test), notes.Domains.Images, chosen, options, baseline, device, null,
                                program.Stop);
                            runs.Add(new LensRun(method, fold, seed, scores!) { Backbone = backbone });
                            if (fold == notes.RunFolds[0] && seed == notes.Seeds[0])
                            {
                                projections.Add(FeatureProjection.Of(name, backbone, predictor, source, test, device));
                                var bands = notes.Domains.Bands.Split(' ').Length;
                                if (hasFigures
                                    && HeatMaps.Of(name, chosen.Backbone, predictor, test, scores!, bands, notes.Domains.Size, device)
                                        is { } maps)
                                    heat.Add(maps);
                            }
                            if (method == LensFindingMethod.SourceOnly) baseline = predictor;
                            else predictor.Dispose();
                            var evaluation = LensEvaluation.Of(scores!);
                            var seconds = (clock.Elapsed - started).TotalSeconds;
                            var (auc, accuracy) = (evaluation.Area.Auc, evaluation.BalancedAccuracy);
                            Console.WriteLine($"{what}: " + F($"AUROC {auc:0.000}, balanced accuracy {accuracy:0.000}, {seconds:0} s"));
                        }
                        catch (InvalidOperationException failure) when (failure.Message.StartsWith("Trainer.Fit", StringComparison.Ordinal))
                        {
                            failures.Add($"{what}: {failure.Message}");
                            Console.Error.WriteLine($"lens-finding: {failures[^1]}");
                        }
                    }
                    baseline?.Dispose();
                }
            }
        }
        var comparison = LensComparison.Of(runs, methods, backbones: notes.Encoders);
        run.Write("comparison.json", comparison);
        if (hasFigures) ComparisonReport.Write(run, notes, comparison, runs, projections, heat, failures, clock.Elapsed.TotalSeconds);
        Print(comparison);
        var files = hasFigures ? "comparison.json, report.html and pictures" : "comparison.json";
        Console.WriteLine(F($"{run.Folder} has {runs.Count} runs, {files}; {clock.Elapsed.TotalSeconds:0} s"));
        Console.WriteLine(comparison.LastLine);
        return 0;
    }

    private static void CheckContinues(ComparisonNotes earlier, ComparisonNotes now)
    {
        if (earlier.Domains != now.Domains || earlier.Training != now.Training || earlier.LearningRate != now.LearningRate)
            throw new ArgumentException(
                $"--resume: expected the options that the comparison began with, {Words(earlier)}, got {Words(now)}.");
        if (earlier.Weights != now.Weights)
            throw new ArgumentException(
                $"--weights: expected the file that the comparison began with ({earlier.Weights ?? "none"}), got {now.Weights ?? "none"}.");

        static string Words(ComparisonNotes notes)
        {
            var rates = notes.LearningRate is { } rate ? F($"learning rate {rate}") : "the backbones' learning rates";
            return $"{notes.Domains}, {notes.Training} and {rates}";
        }
    }

    /// <summary>Folder of a run, below its fold's.</summary>
    public static string FolderName(string backbone, string method, long seed)
        => backbone == LensBackbones.All[0].Name ? $"{method}-seed-{seed}" : $"{backbone}-{method}-seed-{seed}";

    private static void Print(LensComparison comparison)
    {
        var hasSeveral = comparison.Rows.Select(row => row.Backbone).Distinct().Count() > 1;
        Console.WriteLine(
            (hasSeveral ? $"{"backbone",-16} " : "")
                + $"{"method",-16} {"AUROC",13} {"gain (95 % by galaxy)",28} {"balanced accuracy",18} {"gap closed",11} {"AP 100:1",9}");
        foreach (var row in comparison.Rows)
        {
            if (row.Runs == 0)
            {
                Console.WriteLine($"{Backbone(row)}{row.Method,-16} did not run");
                continue;
            }
            var gain = row.AucGain is { } g ? F($"{g.Value:+0.000;-0.000} ({g.Low:+0.000;-0.000} to {g.High:+0.000;-0.000})") : "";
            var closed = row.GapClosed is { } share ? F($"{100 * share:0} %") : "";
            var auc = F($"{row.Auc:0.000} ± {row.AucDeviation:0.000}");
            var accuracy = F($"{row.BalancedAccuracy:0.000} ± {row.BalancedAccuracyDeviation:0.000}");
            var precision = F($"{row.AveragePrecision:0.000}");
            Console.WriteLine($"{Backbone(row)}{row.Method,-16} {auc,13} {gain,28} {accuracy,18} {closed,11} {precision,9}");
        }

        string Backbone(LensComparisonRow row) => hasSeveral ? $"{row.Backbone,-16} " : "";
    }

    private static string F(FormattableString text) => FormattableString.Invariant(text);
}
