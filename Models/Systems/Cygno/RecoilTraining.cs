using System;
using System.Collections.Generic;
using System.Threading;
using Hybrid.Data.Cache;
using Hybrid.Models.Training;
using TorchSharp;
using static TorchSharp.torch;

namespace Hybrid.Models.Systems.Cygno;

/// <summary>How <see cref="RecoilTraining"/> trains. Where each default comes from: docs/results.md, "CYGNO".</summary>
public sealed record RecoilTrainingOptions
{
    /// <summary>Epochs, ≥ 1; the learning rate falls to nothing at the last one.</summary>
    public int Epochs { get; init; } = 10;

    /// <summary>Images in a batch, ≥ 2.</summary>
    public int BatchSize { get; init; } = 64;

    /// <summary>AdamW's largest learning rate.</summary>
    public double LearningRate { get; init; } = 3e-3;

    /// <summary>AdamW's weight decay, ≥ 0.</summary>
    public double WeightDecay { get; init; } = 0.02;

    /// <summary>Epochs without a smaller validation loss after which training ends; null: none.</summary>
    public int? Patience { get; init; }

    /// <summary>Seed of weights, shuffling, augmentation and dropout.</summary>
    public long Seed { get; init; } = 1;

    /// <exception cref="ArgumentException">A value is out of its range; the message names the option.</exception>
    public void Check()
    {
        if (Epochs < 1) throw new ArgumentException($"--epochs: expected at least 1, got {Epochs}.");
        if (BatchSize < 2) throw new ArgumentException($"--batch: expected at least 2 images, which BatchNorm needs, got {BatchSize}.");
        if (!(LearningRate > 0)) throw new ArgumentException($"--learning-rate: expected a number > 0, got {LearningRate}.");
        if (!(WeightDecay >= 0)) throw new ArgumentException($"--weight-decay: expected a number ≥ 0, got {WeightDecay}.");
        if (Patience is < 1) throw new ArgumentException($"--patience: expected at least 1, got {Patience}.");
    }
}

/// <summary>Trains a <see cref="RecoilNetwork"/> on a cache of recoils (RecoilSet's columns).</summary>
public static class RecoilTraining
{
    /// <summary>Energies are learnt as shares of this.</summary>
    public const double EnergyScaleKeV = 30;

    /// <summary>Images, turned and reflected at random, into classes and energies.</summary>
    /// <param name="network">Its classes are the set's.</param>
    /// <param name="training">Rows to train on.</param>
    /// <param name="validation">Rows by which the epoch is chosen; null keeps the last.</param>
    /// <param name="options">Sizes, rates, seed.</param>
    /// <param name="run">Directory and what stands there; its epochs, seed and schedule are those of <paramref name="options"/>.</param>
    /// <param name="progress">Receives steps and epochs.</param>
    /// <param name="cancellation">Ends the training after the running step.</param>
    public static TrainingResult Fit(
        RecoilNetwork network, Cache training, Cache? validation, RecoilTrainingOptions options, TrainingOptions run,
        IProgress<FitProgress>? progress = null, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(run);
        options.Check();
        string[] columns = ["image", "class", "energy"];
        var sizes = new BatchOptions
        {
            BatchSize = options.BatchSize, Seed = (int)options.Seed, DropLast = training.Count > options.BatchSize,
        };
        var batches = new CacheBatches(training, sizes, columns);
        using var optimiser = optim.AdamW(network.parameters(), lr: options.LearningRate, weight_decay: options.WeightDecay);
        return Trainer.Fit(
            network, optimiser, Loss,
            batches.Transform(Turned),
            validation is null
                ? null
                : new CacheBatches(validation, new BatchOptions { BatchSize = 250, Shuffle = false }, columns),
            run with
            {
                Epochs = options.Epochs, Seed = options.Seed, Patience = options.Patience, KeepBest = validation is not null,
                Schedule = RateSchedule.WarmUpCosine(0.15),
                Metrics = validation is null
                    ? new Dictionary<string, Func<TensorBatch, Tensor>>()
                    : new Dictionary<string, Func<TensorBatch, Tensor>> { ["energy error, keV"] = EnergyError },
            },
            progress, cancellation);

        Tensor Loss(TensorBatch batch)
        {
            var (classes, share) = network.forward(batch["image"]);
            return RecoilLoss.Value(classes, share, batch["class"], batch["energy"] / EnergyScaleKeV);
        }

        Tensor EnergyError(TensorBatch batch)
            => (network.forward(batch["image"]).energy * EnergyScaleKeV - batch["energy"]).abs().mean();
    }

    // The same turn for a whole batch: over an epoch every image is seen in many.
    private static TensorBatch Turned(TensorBatch batch)
    {
        var turn = (int)randint(8, [1]).item<long>();
        return new TensorBatch(
            ("image", RecoilPredictions.Turned(batch["image"], turn)), ("class", batch["class"]), ("energy", batch["energy"]));
    }
}
