using System;
using System.Collections.Generic;
using System.Globalization;
using System.IO;
using System.Linq;
using System.Security.Cryptography;
using System.Text;
using Hybrid.Data.Cache;
using Hybrid.Data.Formats;
using Hybrid.Data.Systems.Cygno;
using Hybrid.Models.Engine;
using Hybrid.Models.Evaluation;
using Hybrid.Models.Systems.Cygno;
using Hybrid.Models.Training;
using Hybrid.Samples.CommandLine;
using static TorchSharp.torch;

namespace Hybrid.Samples.Cygno;

/// <summary>What a baseline reached on the images that judge; baselines.json holds one of each.</summary>
internal sealed record BaselineResult(string Name, RocArea Area, double? MeanAbsoluteErrorKeV);

/// <summary>What baselines.json holds.</summary>
/// <param name="Set">The images.</param>
/// <param name="Seed">Of sets and trainings.</param>
/// <param name="Images">SHA-256 of the hashes of the images that judge, in order.</param>
/// <param name="Threads">Of tensor operations.</param>
/// <param name="Results">The baselines.</param>
internal sealed record BaselineNotes(string Set, long Seed, string Images, int Threads, IReadOnlyList<BaselineResult> Results);

/// <summary>./hybrid cygno baselines: others' networks and the classical discriminator on the images of a run.</summary>
internal static class Baselines
{
    public const string Exercise = "exercise", Published = "lophy95", Classical = "classical";

    public static int Run(
        RecoilSet set, long seed, int exerciseEpochs, int? publishedEpochs, RunFolder place, string cacheFolder, string deviceName,
        CommandProgram program)
    {
        Directory.CreateDirectory(place.Path);
        // ---- the exercise's network ------------------------------------------------------------------------------------------
        using var cache = RecoilCache.Open(set, RecoilSet.Preprocessing, cacheFolder, program);
        using var parts = new RecoilParts(cache);
        var (training, validation, test) = (parts.Training, parts.Validation, parts.Test);
        program.LoadEngine().Wait();
        var device = ComputeDevice.Named(deviceName);
        manual_seed(seed);
        using var exercise = new RecoilExercise(device: device);
        if (Ended(Exercise, RecoilBaselines.FitExercise(
            exercise, training, validation, exerciseEpochs, seed, In(Exercise), Progress.Console(), program.Stop))) return 1;
        var exerciseScores = RecoilBaselines.Answers(exercise, test, device);

        // ---- lophy95's, on counts that are not windowed ------------------------------------------------------------------------
        using var counts = RecoilCache.Open(set, RecoilBaselines.PublishedPreprocessing, cacheFolder, program);
        using var countsParts = new RecoilParts(counts);
        var (countsTraining, countsTest) = (countsParts.Training, countsParts.Test);
        manual_seed(seed);
        using var ofKind = new RecoilTwoLayers(outputs: 2, device: device);
        if (Ended(Published, RecoilBaselines.FitPublished(
            ofKind, countsTraining, publishedEpochs, seed, In(Published), Progress.Console(), program.Stop))) return 1;
        using var ofEnergy = new RecoilTwoLayers(outputs: 1, device: device);
        if (Ended(Published, RecoilBaselines.FitPublished(
            ofEnergy, countsTraining, publishedEpochs, seed, In(Published + "-energy"), Progress.Console(), program.Stop))) return 1;
        var publishedScores = RecoilBaselines.Answers(ofKind, countsTest, device).Chunk(2).Select(pair => pair[0] - pair[1]).ToArray();
        var publishedKeV = RecoilBaselines.Answers(ofEnergy, countsTest, device);

        // ---- the classical discriminator ---------------------------------------------------------------------------------------
        var (chosen, judged) = (Features(countsTraining), Features(countsTest));
        var roundness = ClassicalDiscriminator.ChooseRoundness(
            chosen, [.. countsTraining.Integers("nuclear").Select(nuclear => nuclear == 1 ? Recoil.Nuclear : Recoil.Electron)]);
        var classicalScores = judged.Select(one => ClassicalDiscriminator.Score(one, roundness)).ToArray();
        var classicalKeV = judged.Select(one => ClassicalDiscriminator.EnergyKeV(one, roundness)).ToArray();

        // ---- the scores, with what makes them ------------------------------------------------------------------------------------
        bool[] nuclear = [.. test.Integers("nuclear").Select(value => value == 1)];
        var energies = test.Reals("energy");
        var hashes = test.Texts("hash");
        Catalogue.Write(
            Path.Combine(place.Path, "baselines.csv"),
            ["path", "kind", "energy_kev", Exercise, Published, Classical, Published + "_kev", Classical + "_kev", "hash"],
            [
                test.Texts("path"), nuclear.Select(one => one ? "NR" : "ER").ToArray(), energies, exerciseScores, publishedScores,
                classicalScores, publishedKeV, classicalKeV, hashes,
            ]);
        BaselineResult[] results =
        [
            new(Exercise, Roc.Area(exerciseScores, nuclear), null),
            new(Published, Roc.Area(publishedScores, nuclear), Error(publishedKeV)),
            new(Classical, Roc.Area(classicalScores, nuclear), Error(classicalKeV)),
        ];
        var images = Convert.ToHexStringLower(SHA256.HashData(Encoding.ASCII.GetBytes(string.Join('\n', hashes))));
        var notes = new BaselineNotes(set.Description, seed, images, get_num_threads(), results);
        RunDirectory.Save(Path.Combine(place.Path, "baselines.json"), notes);
        foreach (var one in results)
        {
            var error = one.MeanAbsoluteErrorKeV is { } keV ? FormattableString.Invariant($", MAE {keV:0.00} keV") : "";
            Console.WriteLine($"{one.Name,-12} AUC {one.Area}{error}");
        }
        Console.WriteLine($"{place.Path} has baselines.csv and baselines.json; {test.Count} unseen images");
        return 0;

        TrainingOptions In(string name) => new() { Directory = Path.Combine(place.Path, name), Existing = place.Existing };

        double Error(double[] estimates) => energies.Zip(estimates, (truth, estimate) => Math.Abs(truth - estimate)).Average();

        static bool Ended(string name, TrainingResult result)
        {
            if (result.Reason != StopReason.Cancelled) return false;
            Console.Error.WriteLine($"cygno: {name} was stopped; --resume continues it");
            return true;
        }
    }

    /// <summary>Of every row of counts over 255, in order.</summary>
    private static RecoilFeatures[] Features(Cache rows)
    {
        const int Side = 120, Piece = 500;
        var features = new RecoilFeatures[rows.Count];
        foreach (var piece in Enumerable.Range(0, rows.Count).Chunk(Piece))
        {
            var images = new float[piece.Length * Side * Side];
            rows.ReadTensors("image", piece, images);
            for (var i = 0; i < images.Length; i++) images[i] *= 255;
            System.Threading.Tasks.Parallel.For(0, piece.Length, i =>
                features[piece[i]] = ClassicalDiscriminator.Measure(images.AsSpan(i * Side * Side, Side * Side), Side, Side));
        }
        return features;
    }
}
