using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Threading;
using Hybrid.Data.Cache;
using Hybrid.Data.Formats;
using Hybrid.Data.Lensing;
using Hybrid.Data.Systems.EinsteinRadius;
using Hybrid.Models.Adaptation;
using Hybrid.Models.Systems.EinsteinRadius;
using Hybrid.Models.Training;
using Hybrid.Models.Weights;
using TorchSharp;

namespace Hybrid.Samples.EinsteinRadius;

/// <summary>What a trained estimator expects of images, and what it was made of; estimator.json of its folder.</summary>
public sealed record EstimatorNotes(
    string Technique, string Network, string Bands, int Size, double ZeroPoint, string Preprocessing, RadiusOptions Training,
    IReadOnlyDictionary<string, double> Learnt);

/// <summary>One technique in a folder of its own: trained, or read where it is done.</summary>
internal static class TechniqueRun
{
    private const string TestName = "test.csv", SmallName = "small.csv", ValidationName = "validation.csv";
    private const string EvaluationName = "evaluation.json";
    private const string WeightsName = "estimator.safetensors", NotesName = "estimator.json";

    /// <summary>Estimates of the test images and the estimator; a run that was interrupted continues.</summary>
    /// <param name="facts">The technique.</param>
    /// <param name="folder">Where it stands.</param>
    /// <param name="network">Of which network.</param>
    /// <param name="caches">The fold's parts.</param>
    /// <param name="set">What the technique is trained on.</param>
    /// <param name="preprocessing">By its name.</param>
    /// <param name="options">Of the training.</param>
    /// <param name="baseline">The trained network that it begins with, where it does.</param>
    /// <param name="device">Where to train.</param>
    /// <param name="progress">Of the training.</param>
    /// <param name="stop">Ends it; what is done stays.</param>
    public static (RadiusPredictions Test, RadiusPredictions Small, IRadiusEstimator Estimator, EstimatorNotes Notes) Do(
        RadiusTechniqueFacts facts,
        string folder,
        RadiusNetwork network,
        RadiusCaches caches,
        RadiusPart set,
        string preprocessing,
        RadiusOptions options,
        EncoderWithHead? baseline,
        torch.Device device,
        IProgress<FitProgress>? progress,
        CancellationToken stop)
    {
        // The last file that a finished technique writes.
        var evaluation = Path.Combine(folder, EvaluationName);
        if (File.Exists(evaluation))
        {
            var (loaded, kept) = Load(folder, device);
            return (Read(Path.Combine(folder, TestName)), Read(Path.Combine(folder, SmallName)), loaded, kept);
        }
        Directory.CreateDirectory(folder);
        var training = caches.Of(set, preprocessing);
        var fit = new TrainingOptions { Directory = folder, Existing = ExistingRun.Resume, Notes = options };
        var trained = RadiusTraining.Fit(
            facts.Technique, network, training, caches.Of(RadiusPart.Adaptation, preprocessing), options, fit, device, baseline, progress,
            caches.Of(RadiusPart.Validation, preprocessing), stop);
        stop.ThrowIfCancellationRequested();
        var size = training.Columns.First(column => column.Name == "image").Shape[2];
        var notes = new EstimatorNotes(
            facts.Name, network.Name, string.Join(' ', DesGalaxies.Bands), size, DesGalaxies.ZeroPoint, preprocessing, options,
            trained.Learnt.Concat(Drawn(trained.Estimator, caches.Of(RadiusPart.Small, preprocessing), device)).ToDictionary());
        if (trained.Estimator.Module is { } module) WeightFile.Save(module, Path.Combine(folder, WeightsName));
        RunDirectory.Save(Path.Combine(folder, NotesName), notes);
        RadiusPredictions Predicted(RadiusPart part) => RadiusPredictions.Of(trained.Estimator, caches.Of(part, preprocessing), device);
        var (test, small, validation) = (Predicted(RadiusPart.Test), Predicted(RadiusPart.Small), Predicted(RadiusPart.Validation));
        Write(Path.Combine(folder, TestName), test);
        Write(Path.Combine(folder, SmallName), small);
        Write(Path.Combine(folder, ValidationName), validation);
        RunDirectory.Save(
            evaluation,
            new
            {
                Test = RadiusEvaluation.Of(test), Small = RadiusEvaluation.Of(small),
                Validation = RadiusEvaluation.Of(validation),
            });
        return (test, small, trained.Estimator, notes);
    }

    /// <summary>Mean squared error of the 32 over draws of a Bayesian network, as the original gives it: mean and deviation.</summary>
    private static IEnumerable<KeyValuePair<string, double>> Drawn(IRadiusEstimator estimator, Cache small, torch.Device device)
    {
        if (estimator is not ScaledRadius { Inner: BayesianEstimator bayesian }) yield break;
        var radii = small.Reals("theta_e");
        var errors = new List<double>();
        foreach (var batch in new CacheBatches(small, new BatchOptions { BatchSize = radii.Length, Shuffle = false }, "image").Epoch(0, 0))
        {
            using var scope = torch.NewDisposeScope();
            var means = bayesian.Draws(batch["image"].to(device)).Means.exp().cpu().to(torch.ScalarType.Float64);
            for (var draw = 0L; draw < means.size(0); draw++)
                errors.Add(means[draw].data<double>().ToArray().Zip(radii, (a, b) => (a - b) * (a - b)).Average());
        }
        var mean = errors.Average();
        yield return new("MSE of the 32, mean over draws", mean);
        yield return new("MSE of the 32, deviation over draws", Math.Sqrt(errors.Average(e => (e - mean) * (e - mean))));
    }

    /// <summary>The estimator of a folder; the caller's.</summary>
    public static (IRadiusEstimator Estimator, EstimatorNotes Notes) Load(string folder, torch.Device device)
    {
        var path = Path.Combine(folder, NotesName);
        if (!File.Exists(path))
            throw new IOException(
                $"{Path.GetFullPath(folder)} holds no estimator: {NotesName} is missing. "
                    + "Give a technique's folder, such as runs/einstein-radius/fold-0/beta-nll-seed-1.");
        var notes = RunDirectory.Read<EstimatorNotes>(path);
        var estimator = RadiusTraining.Empty(
            RadiusTechniques.Named(notes.Technique).Technique, RadiusNetwork.Named(notes.Network), notes.Training, device);
        if (estimator.Module is { } module)
        {
            WeightFile.Load(module, Path.Combine(folder, WeightsName));
            module.eval();
        }
        if (DeviationScale.Of(notes.Learnt) is { } scale) estimator = new ScaledRadius(estimator, scale);
        return (estimator, notes);
    }

    private static readonly string[] _columns =
        ["id", "theta_e", "estimate", "deviation", "galaxy", "source", "arc_ratio", "signal_to_noise"];

    private static void Write(string path, RadiusPredictions of)
        => Catalogue.Write(
            path, _columns,
            [
                Enumerable.Range(0, of.Count).Select(i => (long)i).ToArray(), of.Truth, of.Estimate, of.Deviation,
                of.Galaxy.Select(g => (long)g).ToArray(), of.Source.Select(s => (long)s).ToArray(), of.ArcRatio, of.SignalToNoise,
            ]);

    private static RadiusPredictions Read(string path)
    {
        var table = Catalogue.Read(path);
        double[] Reals(string name) => table.Reals(name, double.MinValue, double.MaxValue);
        int[] Whole(string name) => Reals(name).Select(value => (int)value).ToArray();
        return new RadiusPredictions(
            Reals("theta_e"), Reals("estimate"), Reals("deviation"), Whole("galaxy"), Whole("source"), Reals("arc_ratio"),
            Reals("signal_to_noise"));
    }
}
