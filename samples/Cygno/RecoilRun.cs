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

/// <summary>A kind and energy that a network tells apart.</summary>
public sealed record RecoilClass(bool Nuclear, double EnergyKeV);

/// <summary>What determines a run; options.json holds it as notes.</summary>
public sealed record RecoilNotes(
    string Set,
    string Preprocessing,
    IReadOnlyList<RecoilClass> Classes,
    RecoilTrainingOptions Training,
    int Threads,
    string Device);

/// <summary>./hybrid cygno train and run: records, cache, training, judgement, report.</summary>
internal static class RecoilRun
{
    public static int Do(
        RecoilSet set,
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
        if (classes.Length == 0)
            throw new InvalidDataException(
                "the set has more than forty energies: expected kinds and energies that are classes. "
                    + "Simulate with --energies 1,3,6,10,20,30.");
        if (classes.All(one => one.Nuclear) || !classes.Any(one => one.Nuclear))
        {
            var only = classes[0].Nuclear ? "nuclear" : "electron";
            throw new InvalidDataException($"the set: expected nuclear and electron recoils, got {only} recoils alone.");
        }
        var notes = new RecoilNotes(set.Description, RecoilSet.Preprocessing.ToString(), classes, options, get_num_threads(), deviceName);
        if (place.Resumes) CheckContinues(RunDirectory.NotesOf<RecoilNotes>(place.Path), notes);

        // ---- records -> recipe -> cache -----------------------------------------------------------------------------------
        using var cache = Cache.GetOrBuild(
            cacheFolder, new CacheRecipe($"{set.Description}\n{RecoilSet.Preprocessing}", set.Inputs),
            () => set.Pieces(256, program.Stop).Select(piece => piece.Apply(RecoilSet.Preprocessing, 0).ToRows()), new CacheOptions(),
            new Rows(set.Count), program.Stop);
        foreach (var left in set.LeftOut.Take(10)) Console.Error.WriteLine($"cygno: left out {left}");
        if (set.LeftOut.Count > 10) Console.Error.WriteLine($"cygno: and {set.LeftOut.Count - 10} more left out");
        using var trainingRows = cache.Where("part = 0");
        using var validationRows = cache.Where("part = 1");
        using var testRows = cache.Where("part = 2");
        if (trainingRows.Count < 2 || validationRows.Count < 1)
            throw new InvalidDataException(
                $"the set: expected images to train and to choose on, got {trainingRows.Count} and {validationRows.Count}.");
        Console.WriteLine(
            $"{trainingRows.Count} images to train on, {validationRows.Count} to choose the epoch, "
                + $"{testRows.Count} that judge; no image is in two of them");

        // ---- training ------------------------------------------------------------------------------------------------------
        program.LoadEngine().Wait();
        var device = ComputeDevice.Named(deviceName);
        manual_seed(options.Seed);
        using var network = new RecoilNetwork(classes: classes.Length, device: device);
        var fit = new TrainingOptions { Directory = place.Path, Existing = place.Existing, Notes = notes };
        var result = RecoilTraining.Fit(
            network, trainingRows, validationRows, options, fit, Progress.Console(), program.Stop);
        if (result.Epochs == 0)
        {
            Console.Error.WriteLine("cygno: stopped before the first epoch ended; --resume continues it");
            return 1;
        }

        // ---- judgement -----------------------------------------------------------------------------------------------------
        var isNuclear = classes.Select(one => one.Nuclear).ToArray();
        var judge = testRows.Count > 0 ? testRows : validationRows;
        var predictions = Predict(judge);
        var limit = hasLimit && testRows.Count > 0
            ? Limits.Scores(Images(judge), [.. set.Classes])
            : null;
        var evaluation = RecoilEvaluation.Of(predictions, limit);
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
        Console.WriteLine($"{result.Epochs} epochs; {run.Folder} has weights, scores, evaluation{pictures}; {seconds} s");
        Console.WriteLine(evaluation.LastLine);
        return 0;

        RecoilPredictions Predict(Cache rows)
        {
            network.eval();
            var sizes = new BatchOptions { BatchSize = 100, Shuffle = false };
            var batches = new CacheBatches(rows, sizes, "image", "nuclear", "energy");
            return RecoilPredictions.Of(network, isNuclear, batches, device);
        }
    }

    /// <summary>Whether a run continues where the earlier one was interrupted.</summary>
    private static void CheckContinues(RecoilNotes earlier, RecoilNotes now)
    {
        if (earlier.Set != now.Set)
            throw new ArgumentException(
                $"--resume: the run was trained on another set ({earlier.Set}) than {now.Set}. "
                    + "Give it its own images and options.");
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
            rows.Texts("hash"),
        ];
        string[] names = ["path", "kind", "energy_kev", "response", "score", "estimated_kev", "hash"];
        if (limit is not null) (columns, names) = ([.. columns, limit], [.. names, "likelihood_ratio"]);
        Data.Formats.Catalogue.Write(path, names, columns);
    }

    /// <summary>Shows how far the preprocessing is: one line that is written over on a terminal, else a line at the end.</summary>
    private sealed class Rows(int count) : IProgress<long>
    {
        public void Report(long done)
        {
            if (done >= count) Console.Error.WriteLine($"{(Console.IsErrorRedirected ? "" : "\r")}preprocessed {done} images");
            else if (!Console.IsErrorRedirected) Console.Error.Write($"\rpreprocessed {done} of {count} images");
        }
    }
}
