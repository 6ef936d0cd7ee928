using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.IO;
using System.Linq;
using System.Text.Json.Serialization;
using Hybrid.Data.Cache;
using Hybrid.Data.Formats;
using Hybrid.Data.Splits;
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
        Shard shard,
        bool hasFigures,
        CommandProgram program)
    {
        var clock = Stopwatch.StartNew();
        var work = new Work(notes, place.Path, data, cacheFolder, weights, program);
        if (!shard.IsAll)
        {
            if (!RunDirectory.Exists(place.Path)) Begin(place.Path, notes);
            CheckContinues(RunDirectory.NotesOf<ComparisonNotes>(place.Path), notes);
            using (ShardLock.Take(place.Path, shard)) work.Do([.. shard.Items(work.Items.Count).Select(item => work.Items[item])], null);
            if (work.Missing is > 0 and var missing)
            {
                Console.WriteLine($"{Plural.Of(missing, "training")} of other shards missing: run this again when they are done");
                return 0;
            }
        }
        if (place.Resumes) CheckContinues(RunDirectory.NotesOf<ComparisonNotes>(place.Path), notes);
        using var run = place.Resumes || !shard.IsAll
            ? RunDirectory.Continue(place.Path)
            : RunDirectory.Create(place.Path, new { Options = new { Notes = notes } }, replace: place.Existing == ExistingRun.Replace);
        var results = new Results();
        var gap = DomainData.Gap(data.Domains(notes.Domains, notes.RunFolds[0]));
        foreach (var row in gap)
            Console.WriteLine(
                $"{row.Domain}: magnitude {row.Magnitude}, noise {row.Noise}, half of the light within {row.HalfLightRadius} pixels");
        work.Do(work.Items, results);
        var (runs, failures) = (results.Runs, results.Failures);
        var methods = notes.Methods.Select(LensFindingMethods.Named).ToArray();
        var comparison = LensComparison.Of(runs, methods, backbones: notes.Encoders);
        run.Write("comparison.json", comparison);
        var seconds = clock.Elapsed.TotalSeconds;
        if (hasFigures) ComparisonReport.Write(run, notes, comparison, runs, gap, results.Projections, results.Heat, failures, seconds);
        Print(comparison);
        var files = hasFigures ? "comparison.json, report.html and pictures" : "comparison.json";
        Console.WriteLine(F($"{run.Folder} has {Plural.Of(runs.Count, "run")}, {files}; {clock.Elapsed.TotalSeconds:0} s"));
        Console.WriteLine(comparison.LastLine);
        return 0;
    }

    /// <summary>Writes down what all shards do, unless another one did.</summary>
    private static void Begin(string path, ComparisonNotes notes)
    {
        try
        {
            RunDirectory.Create(path, new { Options = new { Notes = notes } }).Dispose();
        }
        catch (IOException) when (RunDirectory.Exists(path))
        {
            // Another shard was faster.
        }
    }

    private sealed class Results
    {
        public List<LensRun> Runs { get; } = [];

        public List<string> Failures { get; } = [];

        public List<FeatureProjection> Projections { get; } = [];

        public List<HeatMaps> Heat { get; } = [];
    }

    /// <summary>A fold, an encoder and a seed: the methods on them share a baseline.</summary>
    private sealed record Item(int Fold, string Backbone, long Seed);

    private sealed class Work(
        ComparisonNotes notes, string place, DomainData data, string cacheFolder, string? weights, CommandProgram program)
    {
        private const string FailedName = "failed.txt";
        private readonly LensFindingMethod[] _methods = [.. notes.Methods.Select(LensFindingMethods.Named)];

        public IReadOnlyList<Item> Items { get; } = [.. notes.RunFolds.SelectMany(fold
            => notes.Encoders.SelectMany(backbone => notes.Seeds.Select(seed => new Item(fold, backbone, seed))))];

        /// <summary>Trainings without a result.</summary>
        public int Missing => Items.Sum(item => _methods.Count(method => FolderOf(item, method) is var folder
            && !File.Exists(Path.Combine(folder, MethodRun.EvaluationName)) && !File.Exists(Path.Combine(folder, FailedName))));

        /// <summary>Does what is not done, and collects what came out.</summary>
        public void Do(IReadOnlyList<Item> items, Results? results)
        {
            program.LoadEngine().Wait();
            foreach (var ofFold in items.GroupBy(item => item.Fold))
            {
                var domains = data.Domains(notes.Domains, ofFold.Key);
                var (source, target, test) = DomainData.Caches(domains, notes.Domains.Preprocessing, cacheFolder, program);
                using (source)
                using (target)
                using (test)
                {
                    foreach (var item in ofFold) Do(item, (source, target, test), results);
                }
            }
        }

        private string FolderOf(Item item, LensFindingMethod method)
            => Path.Combine(place, $"fold-{item.Fold}", FolderName(item.Backbone, LensFindingMethods.NameOf(method), item.Seed));

        private void Do(Item item, (Cache Source, Cache Target, Cache Test) parts, Results? results)
        {
            var device = ComputeDevice.Named(notes.Device);
            var chosen = new ChosenBackbone(LensBackbones.Named(item.Backbone), weights);
            var options = notes.Training with
            {
                Seed = item.Seed, LearningRate = notes.LearningRate ?? chosen.Backbone.LearningRate,
            };
            EncoderWithHead? baseline = null;
            foreach (var method in _methods)
            {
                program.Stop.ThrowIfCancellationRequested();
                var (name, folder) = (LensFindingMethods.NameOf(method), FolderOf(item, method));
                var encoder = item.Backbone == LensBackbones.All[0].Name ? "" : $"{item.Backbone}, ";
                var what = $"fold {item.Fold}, seed {item.Seed}, {encoder}{name}";
                try
                {
                    var clock = Stopwatch.StartNew();
                    var (scores, predictor) = MethodRun.Do(
                        method, folder, parts, notes.Domains.Images, chosen, options, baseline, device, null, program.Stop);
                    Collect(item, method, scores!, predictor, chosen, parts, device, results);
                    if (method == LensFindingMethod.SourceOnly) baseline = predictor;
                    else predictor.Dispose();
                    var evaluation = LensEvaluation.Of(scores!);
                    var (auc, accuracy) = (evaluation.Area.Auc, evaluation.BalancedAccuracy);
                    Console.WriteLine(
                        $"{what}: " + F($"AUROC {auc:0.000}, balanced accuracy {accuracy:0.000}, {clock.Elapsed.TotalSeconds:0} s"));
                }
                catch (InvalidOperationException failure) when (failure.Message.StartsWith("Trainer.Fit", StringComparison.Ordinal))
                {
                    Directory.CreateDirectory(folder);
                    WholeFile.WriteText(Path.Combine(folder, FailedName), failure.Message + "\n");
                    results?.Failures.Add($"{what}: {failure.Message}");
                    Console.Error.WriteLine($"lens-finding: {what}: {failure.Message}");
                }
            }
            baseline?.Dispose();
        }

        private void Collect(
            Item item, LensFindingMethod method, LensScores scores, EncoderWithHead predictor, ChosenBackbone chosen,
            (Cache Source, Cache Target, Cache Test) parts, TorchSharp.torch.Device device, Results? results)
        {
            if (results is null) return;
            results.Runs.Add(new LensRun(method, item.Fold, item.Seed, scores) { Backbone = item.Backbone });
            if (item.Fold != notes.RunFolds[0] || item.Seed != notes.Seeds[0]) return;
            var name = LensFindingMethods.NameOf(method);
            results.Projections.Add(FeatureProjection.Of(name, item.Backbone, predictor, parts.Source, parts.Test, device));
            var bands = notes.Domains.Bands.Split(' ').Length;
            if (HeatMaps.Of(name, chosen.Backbone, predictor, parts.Test, scores, bands, notes.Domains.Size, device) is { } maps)
                results.Heat.Add(maps);
        }
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
            var gain = row.AucGain?.AsDifference() ?? "";
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
