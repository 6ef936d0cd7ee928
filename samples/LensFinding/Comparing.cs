using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.Globalization;
using System.IO;
using System.Linq;
using Hybrid.Data.Cache;
using Hybrid.Data.Formats;
using Hybrid.Models.Adaptation;
using Hybrid.Models.Engine;
using Hybrid.Models.Systems.LensFinding;
using Hybrid.Models.Training;
using Hybrid.Models.Weights;
using Hybrid.Samples.CommandLine;
using TorchSharp;
using static TorchSharp.torch;

namespace Hybrid.Samples.LensFinding;

/// <summary>What determines a comparison; options.json of its folder holds it.</summary>
public sealed record ComparisonNotes(
    DomainNotes Domains, IReadOnlyList<string> Methods, IReadOnlyList<int> RunFolds, IReadOnlyList<long> Seeds, LensFindingOptions Training,
    int Threads, string Device);

/// <summary>./hybrid lens-finding compare: every method with the same networks, images, epochs and seeds.</summary>
internal static class Comparing
{
    /// <summary>Files of one method's folder.</summary>
    public const string ScoresName = "scores.csv", PredictorName = "predictor.safetensors", EvaluationName = "evaluation.json";

    public static int Run(ComparisonNotes notes, RunFolder place, DomainData data, string cacheFolder, bool hasFigures, CommandProgram program)
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
                            var (scores, predictor) = One(method, folder, source, target, test, seed, baseline);
                            runs.Add(new LensRun(method, fold, seed, scores));
                            if (fold == notes.RunFolds[0] && seed == notes.Seeds[0])
                                projections.Add(FeatureProjection.Of(name, predictor, source, test, device));
                            if (method == LensFindingMethod.SourceOnly) baseline = predictor;
                            else predictor.Dispose();
                            var evaluation = LensEvaluation.Of(scores);
                            var seconds = (clock.Elapsed - started).TotalSeconds;
                            Console.WriteLine(F(
                                $"fold {fold}, seed {seed}, {name}: AUROC {evaluation.Area.Auc:0.000}, balanced accuracy {evaluation.BalancedAccuracy:0.000}, {seconds:0} s"));
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
        Console.WriteLine(F($"{run.Folder} has {runs.Count} runs, comparison.json{(hasFigures ? ", report.html and pictures" : "")}; {clock.Elapsed.TotalSeconds:0} s"));
        Console.WriteLine(comparison.LastLine);
        return 0;

        (LensScores Scores, Classifier Predictor) One(
            LensFindingMethod method, string folder, Cache source, Cache target, Cache test, long seed, Classifier? baseline)
        {
            // The last file that a finished method writes.
            if (File.Exists(Path.Combine(folder, EvaluationName)))
            {
                var known = Make();
                WeightFile.Load(known.Module, Path.Combine(folder, PredictorName));
                known.Module.eval();
                return (ReadScores(Path.Combine(folder, ScoresName)), known);
            }
            var options = notes.Training with { Seed = seed };
            var fit = new TrainingOptions { Directory = folder, Existing = ExistingRun.Resume, Notes = options };
            var trained = LensFinderTraining.Fit(method, Make, source, target, options, fit, baseline, null, program.Stop);
            if (trained.Result?.Reason == StopReason.Cancelled) throw new OperationCanceledException(program.Stop);
            Directory.CreateDirectory(folder);
            WeightFile.Save(trained.Predictor.Module, Path.Combine(folder, PredictorName));
            var scores = LensScores.Of(trained.Predictor, test, device);
            WriteScores(Path.Combine(folder, ScoresName), scores);
            WholeFile.WriteText(
                Path.Combine(folder, EvaluationName),
                System.Text.Json.JsonSerializer.Serialize(LensEvaluation.Of(scores), _indented) + "\n");
            return (scores, trained.Predictor);
        }

        Classifier Make() => Backbones.Small(notes.Domains.Bands.Split(' ').Length, device);
    }

    private static readonly System.Text.Json.JsonSerializerOptions _indented = new(System.Text.Json.JsonSerializerDefaults.Web)
    {
        WriteIndented = true,
        NumberHandling = System.Text.Json.Serialization.JsonNumberHandling.AllowNamedFloatingPointLiterals,
    };

    private static void CheckContinues(ComparisonNotes earlier, ComparisonNotes now)
    {
        if (earlier.Domains != now.Domains || earlier.Training != now.Training)
            throw new ArgumentException(
                $"--resume: expected the options that the comparison began with, {earlier.Domains} and {earlier.Training}, "
                    + $"got {now.Domains} and {now.Training}.");
    }

    private static void Print(LensComparison comparison)
    {
        Console.WriteLine($"{"method",-16} {"AUROC",13} {"gain (95 % by galaxy)",28} {"balanced accuracy",18} {"gap closed",11} {"AP 100:1",9}");
        foreach (var row in comparison.Rows)
        {
            if (row.Runs == 0)
            {
                Console.WriteLine($"{row.Method,-16} did not run");
                continue;
            }
            var gain = row.AucGain is { } g ? F($"{g.Value:+0.000;-0.000} ({g.Low:+0.000;-0.000} to {g.High:+0.000;-0.000})") : "";
            var closed = row.GapClosed is { } share ? F($"{100 * share:0} %") : "";
            Console.WriteLine(
                $"{row.Method,-16} {F($"{row.Auc:0.000} ± {row.AucDeviation:0.000}"),13} {gain,28} "
                    + $"{F($"{row.BalancedAccuracy:0.000} ± {row.BalancedAccuracyDeviation:0.000}"),18} {closed,11} {F($"{row.AveragePrecision:0.000}"),9}");
        }
    }

    private static void WriteScores(string path, LensScores scores)
        => Catalogue.Write(
            path, ["id", "label", "score", "probability", "galaxy", "non_lens", "theta_e"],
            [
                Enumerable.Range(0, scores.Count).Select(i => (long)i).ToArray(), scores.IsLens.Select(lens => lens ? 1L : 0).ToArray(),
                scores.Score, scores.Probability, scores.Galaxy.Select(g => (long)g).ToArray(),
                scores.NonLens.Select(kind => (long)kind).ToArray(), scores.ThetaE,
            ]);

    private static LensScores ReadScores(string path)
    {
        var table = Catalogue.Read(path);
        int[] Whole(string name) => table.Reals(name, -1, int.MaxValue).Select(value => (int)value).ToArray();
        return new LensScores(
            Whole("label").Select(label => label == 1).ToArray(), table.Reals("score", double.MinValue, double.MaxValue), Whole("galaxy"),
            Whole("non_lens"), table.Reals("theta_e", 0, 1000));
    }

    private static string F(FormattableString text) => FormattableString.Invariant(text);
}
