using System;
using System.Collections.Generic;
using System.Globalization;
using System.IO;
using System.Linq;
using Hybrid.Data.Cache;
using Hybrid.Data.Images;
using Hybrid.Data.Systems.Cygno;
using Hybrid.Models.Engine;
using Hybrid.Models.Systems.Cygno;
using Hybrid.Models.Training;
using Hybrid.Samples.CommandLine;
using static TorchSharp.torch;

namespace Hybrid.Samples.Cygno;

/// <summary>What determines a run; options.json holds it as notes.</summary>
public sealed record RecoilNotes(
    string Set,
    string Preprocessing,
    IReadOnlyList<RecoilClass> Classes,
    bool AreEnergiesKnown,
    string Network,
    RecoilTrainingOptions Training,
    int Threads,
    string Device)
{
    /// <summary>What the network's answers mean.</summary>
    [System.Text.Json.Serialization.JsonIgnore]
    public RecoilArchiveSettings Settings => new(Classes, AreEnergiesKnown);
}

/// <summary>./hybrid cygno train and run: records, cache, training, judgement, report.</summary>
internal static class RecoilRun
{
    public static int Do(
        RecoilSet set,
        string networkName,
        RecoilTrainingOptions options,
        RunFolder place,
        string cacheFolder,
        string deviceName,
        bool hasFigures,
        bool hasLimit,
        CommandProgram program)
    {
        var clock = System.Diagnostics.Stopwatch.StartNew();
        var classes = set.Classes.Select(one => new RecoilClass(one.Item1 == Recoil.Nuclear, one.Item2)).ToArray();
        if (classes.All(one => one.Nuclear) || !classes.Any(one => one.Nuclear))
        {
            var only = classes[0].Nuclear ? "nuclear" : "electron";
            throw new InvalidDataException($"the set: expected nuclear and electron recoils, got {only} recoils alone.");
        }
        var notes = new RecoilNotes(
            set.Description, RecoilSet.Preprocessing.ToString(), classes, set.AreEnergiesKnown, networkName, options, get_num_threads(),
            deviceName);
        if (place.Resumes) CheckContinues(RunDirectory.NotesOf<RecoilNotes>(place.Path), notes);

        // ---- records -> recipe -> cache -----------------------------------------------------------------------------------
        using var cache = RecoilCache.Open(set, RecoilSet.Preprocessing, cacheFolder, program);
        using var parts = new RecoilParts(cache);
        var (trainingRows, validationRows, testRows) = (parts.Training, parts.Validation, parts.Test);
        if (trainingRows.Count < 2 || validationRows.Count < 1)
            throw new InvalidDataException(
                $"the set: expected images to train and to choose on, got {trainingRows.Count} and {validationRows.Count}.");
        var judge = testRows.Count > 0 ? testRows : validationRows;
        if (judge.Integers("nuclear").Distinct().Count() < 2)
            throw new InvalidDataException(
                $"the {(testRows.Count > 0 ? "test" : "validation")} set: expected nuclear and electron recoils, got one kind alone among "
                    + $"{Plural.Of(judge.Count, "image")}. Give --stratified, or a larger share.");
        Console.WriteLine(
            $"{Plural.Of(trainingRows.Count, "image")} to train on, {validationRows.Count} to choose the epoch, "
                + $"{testRows.Count} that judge; no image is in two of them");

        // ---- training ------------------------------------------------------------------------------------------------------
        program.LoadEngine().Wait();
        var device = ComputeDevice.Named(deviceName);
        manual_seed(options.Seed);
        using var network = RecoilNetworks.Create(networkName, classes.Length, device);
        var fit = new TrainingOptions { Directory = place.Path, Existing = place.Existing, Notes = notes };
        var result = RecoilTraining.Fit(
            network, trainingRows, validationRows, options, fit, new FirstEpoch(place.Path, Progress.Console()), program.Stop);
        if (result.Epochs == 0)
        {
            Console.Error.WriteLine("cygno: stopped before the first epoch ended; --resume continues it");
            return 1;
        }

        // ---- judgement -----------------------------------------------------------------------------------------------------
        network.eval();
        using var reading = new RecoilReading(network, classes, set.AreEnergiesKnown, device);
        var predictions = Predict(judge);
        var limit = hasLimit && testRows.Count > 0 && set.TestClasses.Count > 0
            ? Limits.Scores(Images(judge), [.. set.TestClasses])
            : null;
        var evaluation = RecoilEvaluation.Of(predictions, limit);
        if (hasLimit && set.TestClasses.Count == 0)
            evaluation = evaluation with { Resolution = Resolutions.Of(reading, options.Seed, device, program.Stop) };
        using var run = RunDirectory.Continue(place.Path);
        run.Write("evaluation.json", evaluation);
        WriteScores(run.PathOf("scores.csv"), judge, predictions, limit);
        if (hasFigures)
        {
            RecoilReport.Write(
                run,
                notes,
                evaluation,
                result,
                Predict(trainingRows),
                Predict(validationRows),
                predictions,
                limit,
                Example(judge),
                clock.Elapsed.TotalSeconds);
        }
        if (testRows.Count == 0)
            Console.Error.WriteLine("cygno: without a test set these are the validation set's figures, which chose the epoch");
        var pictures = hasFigures ? ", report.html and pictures" : "";
        var seconds = clock.Elapsed.TotalSeconds.ToString("0", CultureInfo.InvariantCulture);
        Console.WriteLine($"{Plural.Of(result.Epochs, "epoch")}; {run.Folder} has weights, scores, evaluation{pictures}; {seconds} s");
        Console.WriteLine(evaluation.LastLine);
        return 0;

        RecoilPredictions Predict(Cache rows)
        {
            var sizes = new BatchOptions { BatchSize = 100, Shuffle = false };
            return RecoilPredictions.Of(reading, new CacheBatches(rows, sizes, "image", "nuclear", "energy"), device);
        }
    }

    /// <summary>Whether a run continues where the earlier one was interrupted.</summary>
    private static void CheckContinues(RecoilNotes earlier, RecoilNotes now)
    {
        if (earlier.Set != now.Set)
            throw new ArgumentException(
                $"--resume: the run was trained on another set ({earlier.Set}) than {now.Set}. "
                    + "Give it its own images and options.");
        if (earlier.Network != now.Network)
            throw new ArgumentException($"--resume: the run trained the network '{earlier.Network}', got --network {now.Network}.");
        if (earlier.Training != now.Training)
            throw new ArgumentException($"--resume: expected the options that the run began with, {earlier.Training}, got {now.Training}.");
    }

    private static ImageSet Images(Cache rows)
    {
        var images = new float[rows.Count * 128 * 128];
        rows.ReadTensors("image", Enumerable.Range(0, rows.Count).ToArray(), images);
        return new ImageSet(images, ["light"], 128, 128);
    }

    private static float[] Example(Cache rows)
    {
        var energies = rows.Reals("energy");
        var image = new float[128 * 128];
        rows.ReadTensors("image", [Array.IndexOf(energies, energies.Max())], image);
        return image;
    }

    private static void WriteScores(string path, Cache rows, RecoilPredictions predictions, double[]? limit)
    {
        var response = predictions.Response;
        Array[] columns =
        [
            rows.Texts("path"),
            predictions.Nuclear.Select(nuclear => nuclear ? "NR" : "ER").ToArray(),
            predictions.EnergyKeV,
            response,
            predictions.Score,
            predictions.EstimatedKeV,
            predictions.RegressedKeV,
            predictions.ErrorKeV,
            rows.Texts("hash"),
        ];
        string[] names =
            ["path", "kind", "energy_kev", "response", "score", "estimated_kev", "regressed_kev", "expected_error_kev", "hash"];
        if (limit is not null) (columns, names) = ([.. columns, limit], [.. names, "likelihood_ratio"]);
        Data.Formats.Catalogue.Write(path, names, columns);
    }
}
