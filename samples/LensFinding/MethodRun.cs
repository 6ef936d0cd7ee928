using System;
using System.IO;
using System.Linq;
using System.Threading;
using Hybrid.Data.Cache;
using Hybrid.Data.Formats;
using Hybrid.Data.Lensing;
using Hybrid.Models.Adaptation;
using Hybrid.Models.Systems.LensFinding;
using Hybrid.Models.Training;
using TorchSharp;

namespace Hybrid.Samples.LensFinding;

/// <summary>One method in a folder of its own: trained, or read where it is done.</summary>
internal static class MethodRun
{
    public const string ScoresName = "scores.csv", EvaluationName = "evaluation.json";

    /// <summary>
    /// Scores of the test images and what made them; a run that was interrupted continues. Without test images there are no scores.
    /// </summary>
    /// <param name="method">By which it is trained.</param>
    /// <param name="folder">Where it stands.</param>
    /// <param name="parts">The domains' caches.</param>
    /// <param name="images">What they are.</param>
    /// <param name="backbone">The encoder, and its first weights.</param>
    /// <param name="options">Of the training.</param>
    /// <param name="baseline">The trained baseline, where the method begins with it.</param>
    /// <param name="device">Where to train.</param>
    /// <param name="progress">Of the training.</param>
    /// <param name="stop">Ends it; what is done stays.</param>
    public static (LensScores? Scores, EncoderWithHead Predictor) Do(
        LensFindingMethod method,
        string folder,
        (Cache Source, Cache Target, Cache? Test) parts,
        ImageNotes images,
        ChosenBackbone backbone,
        LensFindingOptions options,
        EncoderWithHead? baseline,
        torch.Device device,
        IProgress<FitProgress>? progress,
        CancellationToken stop)
    {
        // The last file that a finished method writes.
        var evaluation = Path.Combine(folder, EvaluationName);
        if (File.Exists(evaluation)) return (ReadScores(Path.Combine(folder, ScoresName)), Finder.Load(folder, device));
        if (parts.Test is null && File.Exists(Path.Combine(folder, Finder.NotesName))) return (null, Finder.Load(folder, device));
        var fit = new TrainingOptions { Directory = folder, Existing = ExistingRun.Resume, Notes = options };
        var trained = LensFinderTraining.Fit(
            method, () => backbone.Create(images, device), parts.Source, parts.Target, options, fit, baseline, progress, stop);
        if (trained.Result?.Reason == StopReason.Cancelled) throw new OperationCanceledException(stop);
        Finder.Save(
            folder, trained.Predictor,
            new FinderNotes(
                LensFindingMethods.NameOf(method), images.Bands, images.Size, DesGalaxies.ZeroPoint, images.Preprocessing,
                backbone.Backbone.Name));
        if (parts.Test is null) return (null, trained.Predictor);
        var scores = LensScores.Of(trained.Predictor, parts.Test, device);
        WriteScores(Path.Combine(folder, ScoresName), scores);
        RunDirectory.Save(evaluation, LensEvaluation.Of(scores));
        return (scores, trained.Predictor);
    }

    private static void WriteScores(string path, LensScores scores)
    {
        var isMeasured = scores.Magnitude.Length > 0;
        Catalogue.Write(
            path,
            [
                "id", "label", "score", "probability", "galaxy", "non_lens", "theta_e",
                .. isMeasured ? (string[])["magnitude", "signal_to_noise"] : [],
            ],
            [
                Enumerable.Range(0, scores.Count).Select(i => (long)i).ToArray(), scores.IsLens.Select(lens => lens ? 1L : 0).ToArray(),
                scores.Score, scores.Probability, scores.Galaxy.Select(g => (long)g).ToArray(),
                scores.NonLens.Select(kind => (long)kind).ToArray(), scores.ThetaE,
                .. isMeasured ? (Array[])[scores.Magnitude, scores.SignalToNoise] : [],
            ]);
    }

    /// <summary>Reads what a finished run wrote.</summary>
    public static LensScores ReadScores(string path)
    {
        var table = Catalogue.Read(path);
        int[] Whole(string name) => table.Reals(name, -1, int.MaxValue).Select(value => (int)value).ToArray();
        return new LensScores(
            Whole("label").Select(label => label == 1).ToArray(), table.Reals("score", double.MinValue, double.MaxValue), Whole("galaxy"),
            Whole("non_lens"), table.Reals("theta_e", 0, 1000))
        {
            Magnitude = Known("magnitude"), SignalToNoise = Known("signal_to_noise"),
        };

        // Scores of before they were measured have no such columns.
        double[] Known(string name) => table.Names.Contains(name) ? table.Reals(name) : [];
    }
}
