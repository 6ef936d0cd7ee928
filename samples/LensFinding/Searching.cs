using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.IO;
using System.Linq;
using System.Text.Json;
using Hybrid.Data.Cache;
using Hybrid.Data.Figures;
using Hybrid.Data.Formats;
using Hybrid.Data.Splits;
using Hybrid.Models.Adaptation;
using Hybrid.Models.Engine;
using Hybrid.Models.Systems.LensFinding;
using Hybrid.Models.Training;
using Hybrid.Samples.CommandLine;
using TorchSharp;

namespace Hybrid.Samples.LensFinding;

/// <summary>What determines a search; search.json of its folder holds it.</summary>
public sealed record SearchNotes(
    DomainNotes Domains, int Fold, string Method, string Backbone, string Strategy, IReadOnlyList<double> Rates,
    IReadOnlyList<double> Weights, int Trials, string Criterion, LensFindingOptions Training);

/// <summary>./hybrid lens-finding search: learning rates and weights by criteria that need no label of the survey.</summary>
internal static class Searching
{
    private const string NotesName = "search.json", ResultName = "result.json";
    private static readonly JsonSerializerOptions _json = new(JsonSerializerDefaults.Web)
    {
        WriteIndented = true, NumberHandling = System.Text.Json.Serialization.JsonNumberHandling.AllowNamedFloatingPointLiterals,
    };

    public static int Run(
        SearchNotes notes, string folder, Shard shard, DomainData data, string cacheFolder, string deviceName, bool resumes,
        bool hasFigures, CommandProgram program)
    {
        var clock = Stopwatch.StartNew();
        var (method, criterion) = (LensFindingMethods.Named(notes.Method), LensSearch.Named(notes.Criterion));
        var backbone = new ChosenBackbone(LensBackbones.Named(notes.Backbone), null);
        Directory.CreateDirectory(folder);
        var (list, text) = (Path.Combine(folder, NotesName), JsonSerializer.Serialize(notes, _json) + "\n");
        if (!File.Exists(list)) WholeFile.WriteText(list, text);
        else if (File.ReadAllText(list) != text)
            throw new IOException($"--output: {Path.GetFullPath(list)} is of another search. Give its options, or another --output.");
        else if (!resumes && shard.Count == 1)
            throw new IOException($"--output: {Path.GetFullPath(folder)} holds this search already. Give --resume to continue it.");

        var domains = data.Domains(notes.Domains, notes.Fold);
        var (source, target, test) = DomainData.Caches(domains, notes.Domains.Preprocessing, cacheFolder, program);
        using (source)
        using (target)
        using (test)
        using (var trained = source.Where("number % 5 <> 0"))
        using (var heldOut = source.Where("number % 5 = 0"))
        {
            program.LoadEngine().Wait();
            var device = ComputeDevice.Named(deviceName);
            var (trials, rounds) = Trials(notes);
            var rows = new List<LensTrialResult>();
            for (var round = 0; ; round++)
            {
                using (ShardLock.Take(folder, shard))
                    foreach (var trial in shard.Items(trials.Count).Select(item => trials[item])) Try(trial);
                var missing = trials.Where(trial => !File.Exists(ResultOf(trial))).ToArray();
                if (missing.Length > 0)
                {
                    Console.WriteLine($"{Plural.Of(missing.Length, "trial")} of other shards missing: run this again when they are done");
                    return 0;
                }
                var results = trials.Select(Read).ToArray();
                rows.AddRange(results);
                if (round + 1 >= rounds.Count)
                {
                    Write(folder, notes, rows, results, clock.Elapsed.TotalSeconds, hasFigures);
                    return 0;
                }
                trials = LensSearch.Next(results, criterion, rounds[round + 1]);
            }

            void Try(LensTrial trial)
            {
                program.Stop.ThrowIfCancellationRequested();
                if (File.Exists(ResultOf(trial))) return;
                var options = LensSearch.WithWeight(notes.Training, method, trial.Weight) with
                {
                    Epochs = trial.Epochs, LearningRate = trial.LearningRate,
                };
                var place = Path.GetDirectoryName(ResultOf(trial))!;
                LensTrialResult result;
                try
                {
                    var fit = new TrainingOptions { Directory = place, Existing = ExistingRun.Resume, Notes = options };
                    using var finder = LensFinderTraining.Fit(
                        method, () => backbone.Create(notes.Domains.Images, device), trained, target, options, fit, null, null,
                        program.Stop);
                    if (finder.Result?.Reason == StopReason.Cancelled) throw new OperationCanceledException(program.Stop);
                    result = LensTrialResult.Of(
                        trial, finder.Predictor, heldOut, target, LensScores.Of(finder.Predictor, test, device), device);
                }
                catch (InvalidOperationException failure) when (failure.Message.StartsWith("Trainer.Fit", StringComparison.Ordinal))
                {
                    // Settings that diverge are a result.
                    const double None = double.NaN;
                    Console.Error.WriteLine($"lens-finding: {Words(trial)}: {failure.Message}");
                    result = new LensTrialResult(trial, None, None, None, None, None, None);
                }
                WholeFile.WriteText(ResultOf(trial), JsonSerializer.Serialize(result, _json) + "\n");
                Console.WriteLine(
                    $"{Words(trial)}: " + F($"source accuracy {result.SourceAccuracy:0.000}, information {result.Information:0.000}, ")
                    + F($"domain distance {result.DomainDistance:0.00}, embedded validation {result.EmbeddedValidation:0.000}"));
            }

            string ResultOf(LensTrial trial) => Path.Combine(folder, F($"trial-{trial.Number:000}-epochs-{trial.Epochs}"), ResultName);

            LensTrialResult Read(LensTrial trial)
                => JsonSerializer.Deserialize<LensTrialResult>(File.ReadAllText(ResultOf(trial)), _json)
                    ?? throw new InvalidDataException($"{ResultOf(trial)}: expected a result, got null.");
        }
    }

    private static (IReadOnlyList<LensTrial> Trials, IReadOnlyList<int> Rounds) Trials(SearchNotes notes)
    {
        var epochs = notes.Training.Epochs;
        switch (notes.Strategy)
        {
            case "grid": return (LensSearch.Grid(epochs, notes.Rates, notes.Weights), [epochs]);
            case "random": return (LensSearch.Random(notes.Trials, epochs, notes.Rates, notes.Weights, notes.Training.Seed), [epochs]);
            default:
                var rounds = LensSearch.Rounds(notes.Trials, epochs);
                return (LensSearch.Random(notes.Trials, rounds[0], notes.Rates, notes.Weights, notes.Training.Seed), rounds);
        }
    }

    private static void Write(
        string folder, SearchNotes notes, IReadOnlyList<LensTrialResult> all, IReadOnlyList<LensTrialResult> last, double seconds,
        bool hasFigures)
    {
        Catalogue.Write(
            Path.Combine(folder, "search.csv"),
            ["trial", "epochs", "learning_rate", "weight", "source_accuracy", "information", "domain_distance", "embedded_validation",
                "auroc", "balanced_accuracy"],
            [
                all.Select(r => (long)r.Trial.Number).ToArray(), all.Select(r => (long)r.Trial.Epochs).ToArray(),
                all.Select(r => r.Trial.LearningRate).ToArray(), all.Select(r => r.Trial.Weight).ToArray(),
                all.Select(r => r.SourceAccuracy).ToArray(), all.Select(r => r.Information).ToArray(),
                all.Select(r => r.DomainDistance).ToArray(), all.Select(r => r.EmbeddedValidation).ToArray(),
                all.Select(r => r.Auc).ToArray(), all.Select(r => r.BalancedAccuracy).ToArray(),
            ]);
        var judged = last.Where(result => !double.IsNaN(result.Auc)).ToArray();
        if (judged.Length == 0) throw new InvalidDataException($"{folder}: expected a trial that does not diverge, all {last.Count} did.");
        var choices = LensSearch.Criteria.Select(one => (one.Name, Result: LensSearch.Choose(judged, one))).ToArray();
        var (best, chosen) = (judged.MaxBy(result => result.Auc)!, choices.First(one => one.Name == notes.Criterion).Result);
        foreach (var (name, result) in choices)
            Console.WriteLine($"{name,-20} chooses {Words(result.Trial)}: {Reached(result)}");
        Console.WriteLine($"{"labels of the test",-20} would choose {Words(best.Trial)}: {Reached(best)}");
        if (hasFigures) Report(folder, notes, all, judged, choices, best, seconds);
        Console.WriteLine($"{folder} has search.csv{(hasFigures ? ", report.html and pictures" : "")}");
        Console.WriteLine(
            $"{notes.Criterion} of {Plural.Of(judged.Length, "trial")}: {Words(chosen.Trial)}, {Reached(chosen)}; "
                + F($"the best one {best.Auc:0.000}"));
    }

    private static void Report(
        string folder, SearchNotes notes, IReadOnlyList<LensTrialResult> all, IReadOnlyList<LensTrialResult> judged,
        (string Name, LensTrialResult Result)[] choices, LensTrialResult best, double seconds)
    {
        var figures = LensSearch.Criteria.Select(one => (one.Name, Figure: new ScatterFigure().Build(
            "What a criterion knows of the test", $"{one.Name} (larger is better)", "AUROC of the test images",
            new ScatterSeries("trials", [.. judged.Select(one.Value)], [.. judged.Select(result => result.Auc)])))).ToArray();
        FigureRenderer.Draw([.. figures.Select(figure => new FigureJob(figure.Figure)
        {
            Png = Path.Combine(folder, figure.Name + ".png"),
        })]);
        var report = new Report($"Search of {notes.Method}'s settings without labels of the survey")
        {
            Subtitle = F($"{notes.Strategy}, {Plural.Of(judged.Count, "trial")} of {Plural.Of(notes.Training.Epochs, "epoch")}, ")
                + F($"{DateTime.Now:yyyy-MM-dd HH:mm}"),
        };
        foreach (var (name, result) in choices) report.AddKeyNumber(name, F($"{result.Auc:0.000}"), Words(result.Trial));
        report.AddKeyNumber("labels of the test", F($"{best.Auc:0.000}"), Words(best.Trial));
        report.AddKeyNumber("time", F($"{seconds:0} s"), "");
        report.AddTable(
            "What each criterion would have chosen", ["criterion", "settings", "AUROC", "balanced accuracy", "rank correlation with AUROC"],
            [
                .. choices.Select(choice => (string[])[
                    choice.Name, Words(choice.Result.Trial), F($"{choice.Result.Auc:0.000}"), F($"{choice.Result.BalancedAccuracy:0.000}"),
                    F($"{Correlation(choice.Name):0.00}"),
                ]),
                ["labels of the test", Words(best.Trial), F($"{best.Auc:0.000}"), F($"{best.BalancedAccuracy:0.000}"), ""],
            ]);
        report.AddText(
            "Areas and accuracies of the test images are shown to judge the criteria; nothing is chosen by them. The last row is what "
                + "choosing by the test's labels would claim. Source accuracy is of a fifth of the source's images, on which no trial "
                + "trains.");
        foreach (var (_, figure) in figures) report.AddFigure(figure);
        report.AddTable(
            "Trials",
            ["trial", "epochs", "learning rate", "weight", "source accuracy", "information", "domain distance", "embedded validation",
                "AUROC"],
            [.. all.Select(r => (string[])[
                F($"{r.Trial.Number}"), F($"{r.Trial.Epochs}"), F($"{r.Trial.LearningRate:0.#####}"), F($"{r.Trial.Weight:0.###}"),
                F($"{r.SourceAccuracy:0.000}"), F($"{r.Information:0.000}"), F($"{r.DomainDistance:0.00}"),
                F($"{r.EmbeddedValidation:0.000}"), F($"{r.Auc:0.000}"),
            ])]);
        report.Write(Path.Combine(folder, "report.html"));

        double Correlation(string name)
            => LensSearch.RankCorrelation(
                [.. judged.Select(LensSearch.Named(name).Value)], [.. judged.Select(result => result.Auc)]);
    }

    private static string Words(LensTrial trial)
        => F($"learning rate {trial.LearningRate:0.#####}")
            + (double.IsNaN(trial.Weight) ? "" : F($", weight {trial.Weight:0.###}")) + F($", {Plural.Of(trial.Epochs, "epoch")}");

    private static string Reached(LensTrialResult result)
        => F($"AUROC {result.Auc:0.000}, balanced accuracy {result.BalancedAccuracy:0.000}");

    private static string F(FormattableString text) => FormattableString.Invariant(text);
}
