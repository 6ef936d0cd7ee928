using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.IO;
using System.Linq;
using Hybrid.Data.Cache;
using Hybrid.Data.Figures;
using Hybrid.Data.Formats;
using Hybrid.Data.Systems.LensFinding;
using Hybrid.Models.Adaptation;
using Hybrid.Models.Engine;
using Hybrid.Models.Evaluation;
using Hybrid.Models.Systems.LensFinding;
using Hybrid.Models.Training;
using Hybrid.Models.Weights;
using Hybrid.Samples.CommandLine;
using TorchSharp;

namespace Hybrid.Samples.LensFinding;

/// <summary>What determines a comparison on dark matter; options.json of its folder holds it.</summary>
public sealed record DarkMatterNotes(
    int Source, int Target, int Test, int Size, string SourceModel, string TargetModel, long Seed, IReadOnlyList<string> Methods,
    IReadOnlyList<long> Seeds, string Backbone, LensFindingOptions Training, int Threads, string Device);

/// <summary>./hybrid lens-finding dark-matter: three classes of dark matter from one instrument's images to another's.</summary>
internal static class DarkMatter
{
    private const string ScoresName = "scores.csv", EvaluationName = "evaluation.json", WeightsName = "predictor.safetensors";

    public static int Run(DarkMatterNotes notes, RunFolder place, string cacheFolder, bool hasFigures, CommandProgram program)
    {
        var clock = Stopwatch.StartNew();
        if (place.Resumes) CheckContinues(RunDirectory.NotesOf<DarkMatterNotes>(place.Path), notes);
        using var run = place.Resumes
            ? RunDirectory.Continue(place.Path)
            : RunDirectory.Create(place.Path, new { Options = new { Notes = notes } }, replace: place.Existing == ExistingRun.Replace);
        var domains = new DarkMatterDomains(new DarkMatterOptions
        {
            SourceCount = notes.Source, TargetCount = notes.Target, TestCount = notes.Test, Size = notes.Size, Seed = notes.Seed,
            Source = Enum.Parse<DeepLenseModel>(notes.SourceModel), Target = Enum.Parse<DeepLenseModel>(notes.TargetModel),
        });
        Cache Make(LensPart part)
            => domains.Cache(
                cacheFolder, part, new CountProgress($"{part.ToString().ToLowerInvariant()}: simulated", domains.Count(part)),
                program.Stop);
        using var source = Make(LensPart.Source);
        using var target = Make(LensPart.Target);
        using var test = Make(LensPart.Test);
        program.LoadEngine().Wait();
        var device = ComputeDevice.Named(notes.Device);
        var methods = notes.Methods.Select(LensFindingMethods.Named).ToArray();
        var backbone = LensBackbones.Named(notes.Backbone);
        EncoderWithHead Create() => LensBackbones.Create(backbone, 1, notes.Size, DarkMatterDomains.Classes.Length, device);
        var (runs, failures) = (new List<DarkMatterRun>(), new List<string>());
        foreach (var seed in notes.Seeds)
        {
            EncoderWithHead? baseline = null;
            foreach (var method in methods)
            {
                program.Stop.ThrowIfCancellationRequested();
                var name = LensFindingMethods.NameOf(method);
                try
                {
                    var started = clock.Elapsed;
                    var (scores, predictor) = One(method, Path.Combine(place.Path, $"{name}-seed-{seed}"));
                    runs.Add(new DarkMatterRun(method, seed, scores));
                    if (method == LensFindingMethod.SourceOnly) baseline = predictor;
                    else predictor.Dispose();
                    var judged = Classification.Of(scores.LogProbability, scores.Label);
                    var seconds = (clock.Elapsed - started).TotalSeconds;
                    Console.WriteLine(
                        $"seed {seed}, {name}: " + F($"accuracy {judged.Accuracy:0.000}, AUROC {judged.MacroAuc:0.000}, {seconds:0} s"));
                }
                catch (InvalidOperationException failure) when (failure.Message.StartsWith("Trainer.Fit", StringComparison.Ordinal))
                {
                    failures.Add($"seed {seed}, {name}: {failure.Message}");
                    Console.Error.WriteLine($"lens-finding: {failures[^1]}");
                }
            }
            baseline?.Dispose();

            (ClassScores Scores, EncoderWithHead Predictor) One(LensFindingMethod method, string folder)
            {
                // The last file that a finished method writes.
                var evaluation = Path.Combine(folder, EvaluationName);
                if (File.Exists(evaluation))
                {
                    var known = Create();
                    WeightFile.Load(known.Module, Path.Combine(folder, WeightsName));
                    known.Module.eval();
                    return (Read(Path.Combine(folder, ScoresName)), known);
                }
                var options = notes.Training with { Seed = seed };
                var trained = LensFinderTraining.Fit(
                    method, Create, source, target, options,
                    new TrainingOptions { Directory = folder, Existing = ExistingRun.Resume, Notes = options }, baseline, null,
                    program.Stop);
                if (trained.Result?.Reason == StopReason.Cancelled) throw new OperationCanceledException(program.Stop);
                Directory.CreateDirectory(folder);
                WeightFile.Save(trained.Predictor.Module, Path.Combine(folder, WeightsName));
                var scores = ClassScores.Of(trained.Predictor, test, device);
                Write(Path.Combine(folder, ScoresName), scores);
                RunDirectory.Save(evaluation, Classification.Of(scores.LogProbability, scores.Label));
                return (scores, trained.Predictor);
            }
        }
        var comparison = DarkMatterComparison.Of(runs, methods);
        run.Write("comparison.json", comparison);
        Print(comparison);
        if (hasFigures) Report(run, notes, comparison, runs, failures, (source, target), clock.Elapsed.TotalSeconds);
        Console.WriteLine(F($"{run.Folder} has {Plural.Of(runs.Count, "run")}; {clock.Elapsed.TotalSeconds:0} s"));
        Console.WriteLine(comparison.LastLine);
        return 0;
    }

    private static void CheckContinues(DarkMatterNotes earlier, DarkMatterNotes now)
    {
        // Further methods and seeds are added; the rest decides what the runs are.
        static string Words(DarkMatterNotes notes)
            => $"{notes.Source}, {notes.Target} and {Plural.Of(notes.Test, "image")} of {notes.Size} pixels, Model {notes.SourceModel} to "
                + $"{notes.TargetModel}, seed {notes.Seed}, {notes.Backbone}, {notes.Training}";
        if (Words(earlier) != Words(now))
            throw new ArgumentException(
                $"--resume: expected the options that the comparison began with, {Words(earlier)}; got {Words(now)}.");
    }

    private static void Write(string path, ClassScores scores)
        => Catalogue.Write(
            path, ["id", "label", .. Enumerable.Range(0, scores.LogProbability[0].Length).Select(c => $"log_probability_{c}")],
            [
                Enumerable.Range(0, scores.Count).Select(i => (long)i).ToArray(), scores.Label.Select(label => (long)label).ToArray(),
                .. Enumerable.Range(0, scores.LogProbability[0].Length)
                    .Select(c => (Array)scores.LogProbability.Select(values => values[c]).ToArray()),
            ]);

    private static ClassScores Read(string path)
    {
        var table = Catalogue.Read(path);
        var columns = table.Names.Where(name => name.StartsWith("log_probability_", StringComparison.Ordinal))
            .Select(name => table.Reals(name)).ToArray();
        return new ClassScores(
            [.. table.Integers("label").Select(label => (int)label)],
            [.. Enumerable.Range(0, table.Count).Select(row => columns.Select(column => column[row]).ToArray())]);
    }

    private static void Print(DarkMatterComparison comparison)
    {
        Console.WriteLine($"{"method",-16} {"accuracy",14} {"over source-only (95 %)",28} {"gap closed",11} {"AUROC",7}");
        foreach (var row in comparison.Rows)
        {
            var accuracy = F($"{row.Accuracy:0.000} ± {row.AccuracyDeviation:0.000}");
            var closed = row.GapClosed is { } share ? F($"{100 * share:0} %") : "";
            Console.WriteLine(
                row.Runs == 0
                    ? $"{row.Method,-16} did not run"
                    : $"{row.Method,-16} {accuracy,14} {Gain(row.Gain),28} {closed,11} {F($"{row.MacroAuc:0.000}"),7}");
        }
    }

    private static void Report(
        RunDirectory run, DarkMatterNotes notes, DarkMatterComparison comparison, IReadOnlyList<DarkMatterRun> runs,
        IReadOnlyList<string> failures, (Cache Source, Cache Target) caches, double seconds)
    {
        var figures = new List<(string Name, Figure Figure)> { ("images", Examples(caches, notes)) };
        foreach (var row in comparison.Rows.Where(
            row => row.Runs > 0 && (row.Method is "source-only" or "supervised" || row.Method == comparison.Best?.Method)))
            figures.Add(($"confusion-{row.Method}", Confusion(row.Method, runs)));
        FigureRenderer.Draw([.. figures.Select(figure => new FigureJob(figure.Figure) { Png = run.PathOf(figure.Name + ".png") })]);
        var report = new Report("Dark matter from one instrument to another")
        {
            Subtitle = F($"DeepLenseSim's Model {notes.SourceModel} to {notes.TargetModel}, {Plural.Of(notes.Seeds.Count, "seed")}, ")
                + F($"{DateTime.Now:yyyy-MM-dd HH:mm}"),
        };
        foreach (var row in comparison.Rows.Where(row => row.Runs > 0))
            report.AddKeyNumber(row.Method, F($"{row.Accuracy:0.000}"), F($"accuracy; AUROC {row.MacroAuc:0.000}"));
        report.AddKeyNumber("time", F($"{seconds:0} s"), Plural.Of(notes.Threads, "thread"));
        report.AddText(comparison.LastLine);
        report.AddTable(
            "Methods", ["method", "accuracy", "over source-only (95 %)", "over adabn (95 %)", "gap closed", "AUROC, mean of the classes"],
            [.. comparison.Rows.Select(row => row.Runs == 0
                ? (string[])[row.Method, "did not run", "", "", "", ""]
                :
                [
                    row.Method, F($"{row.Accuracy:0.000} ± {row.AccuracyDeviation:0.000}"), Gain(row.Gain), Gain(row.OverAdaBn),
                    row.GapClosed is { } closed ? F($"{100 * closed:0} %") : "", F($"{row.MacroAuc:0.000}"),
                ])]);
        report.AddText(
            $"Judged on {Plural.Of(comparison.TestImages, "image")} of the target that nothing trained on; intervals draw images "
                + "again, the same ones for a method and what it is compared with. No label of the target is read but by the supervised "
                + "bound; the last weights are kept. The best method is named after the fact, by accuracy.");
        report.AddText(
            "Published of the original's images, 30,000 a domain of 150 pixels (Alexander et al. 2021): equivariant network 0.675 without "
                + "adaptation, ADDA 0.915, AdaMatch 0.858, self-ensembling 0.801; ResNet-18 0.592, 0.858, 0.756, 0.767.");
        foreach (var failure in failures) report.AddText($"Did not run: {failure}");
        foreach (var (_, figure) in figures) report.AddFigure(figure);
        report.Write(run.PathOf("report.html"));
    }

    private static Figure Confusion(string method, IReadOnlyList<DarkMatterRun> runs)
    {
        var classes = DarkMatterDomains.Classes.Length;
        var counts = new int[classes, classes];
        foreach (var one in runs.Where(run => LensFindingMethods.NameOf(run.Method) == method))
        {
            var confusion = Classification.Of(one.Scores.LogProbability, one.Scores.Label).Confusion;
            for (var i = 0; i < classes; i++)
                for (var j = 0; j < classes; j++) counts[i, j] += confusion[i][j];
        }
        return ConfusionFigure.Build($"{method}, all seeds", DarkMatterDomains.Classes, counts);
    }

    private static Figure Examples((Cache Source, Cache Target) caches, DarkMatterNotes notes)
    {
        IEnumerable<ImageTile> Row(Cache cache)
        {
            var labels = cache.Integers("label");
            for (var i = 0; i < 2 * DarkMatterDomains.Classes.Length; i++)
            {
                var place = Array.FindIndex(labels, label => label == i / 2);
                if (i % 2 == 1) place = Array.FindIndex(labels, place + 1, label => label == i / 2);
                var pixels = new float[notes.Size * notes.Size];
                cache.ReadTensors("image", [place], pixels);
                yield return new ImageTile(pixels, notes.Size, notes.Size) { Title = DarkMatterDomains.Classes[i / 2] };
            }
        }
        return new ImageGridFigure { Columns = 2 * DarkMatterDomains.Classes.Length, Low = 0, High = 1, ValueTitle = "each from 0 to 1" }
            .Build("The source above, the target below", [.. Row(caches.Source), .. Row(caches.Target)]);
    }

    private static string Gain(Bootstrapped? gain)
        => gain?.AsDifference() ?? "";

    private static string F(FormattableString text) => FormattableString.Invariant(text);
}
