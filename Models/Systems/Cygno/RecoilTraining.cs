using System;
using System.Collections.Generic;
using System.Threading;
using Hybrid.Data.Cache;
using Hybrid.Models.Training;
using TorchSharp;
using static TorchSharp.torch;

namespace Hybrid.Models.Systems.Cygno;

/// <summary>Trains a <see cref="RecoilNetwork"/> or a <see cref="RecoilEquivariant"/> on a cache of recoils.</summary>
public static class RecoilTraining
{
    /// <summary>Energies are learnt as shares of this.</summary>
    public const double EnergyScaleKeV = 30;

    /// <summary>The metric that chooses the epoch: the cross-entropy of the classes of the validation rows.</summary>
    public const string CrossEntropy = "cross-entropy";

    /// <summary>The metric of the energies: the mean absolute error of their head, keV.</summary>
    public const string EnergyError = "energy error, keV";

    /// <summary>Images into kinds and energies.</summary>
    /// <param name="network">Its classes are the set's. The images of a network that is not equivariant are turned and reflected at random,
    /// a batch at a time.</param>
    /// <param name="training">Rows to train on, with RecoilSet's columns.</param>
    /// <param name="validation">Rows by which the epoch is chosen; null keeps the last.</param>
    /// <param name="options">Sizes, rates, seed.</param>
    /// <param name="run">Directory and what stands there; its epochs, seed and schedule are those of <paramref name="options"/>.</param>
    /// <param name="progress">Receives steps and epochs.</param>
    /// <param name="cancellation">Ends the training after the running step.</param>
    public static TrainingResult Fit(
        nn.Module<Tensor, (Tensor kinds, Tensor energy, Tensor logError)> network, Cache training, Cache? validation,
        RecoilTrainingOptions options, TrainingOptions run, IProgress<FitProgress>? progress = null,
        CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(run);
        options.Check();
        string[] columns = ["image", "class", "energy"];
        var sizes = new BatchOptions
        {
            BatchSize = options.BatchSize, Seed = (int)options.Seed, DropLast = training.Count > options.BatchSize,
        };
        using var optimiser = optim.AdamW(network.parameters(), lr: options.LearningRate, weight_decay: options.WeightDecay);
        return Trainer.Fit(
            network, optimiser, Loss,
            network is RecoilEquivariant
                ? new CacheBatches(training, sizes, columns)
                : new CacheBatches(training, sizes, columns).Transform(RecoilTurns.AtRandom),
            validation is null
                ? null
                : new CacheBatches(validation, new BatchOptions { BatchSize = 250, Shuffle = false }, columns),
            run with
            {
                Epochs = options.Epochs, Seed = options.Seed, Patience = options.Patience, KeepBest = validation is not null,
                // Not the loss: each energy's likelihood has the weight of its error, which falls as the network learns.
                Monitor = validation is null ? run.Monitor : CrossEntropy,
                Schedule = RateSchedule.WarmUpCosine(0.15),
                Metrics = validation is null
                    ? new Dictionary<string, Func<TensorBatch, Tensor>>()
                    : new Dictionary<string, Func<TensorBatch, Tensor>> { [CrossEntropy] = Kinds, [EnergyError] = Energies },
            },
            progress, cancellation);

        Tensor Loss(TensorBatch batch)
        {
            var (kinds, energy, logError) = network.forward(batch["image"]);
            var truth = batch["energy"] / EnergyScaleKeV;
            var ofEnergy = options.EnergyLoss switch
            {
                RecoilEnergyLoss.Squared => RecoilEnergySquared.Value(energy, truth),
                RecoilEnergyLoss.Huber => RecoilEnergyHuber.Value(energy, truth),
                RecoilEnergyLoss.Absolute => RecoilEnergyAbsolute.Value(energy, truth),
                _ => RecoilEnergyNll.Value(energy, logError, truth),
            };
            return RecoilLoss.Value(kinds, batch["class"]) + (ofEnergy * options.EnergyWeight);
        }

        Tensor Kinds(TensorBatch batch) => RecoilLoss.Value(network.forward(batch["image"]).kinds, batch["class"]);

        Tensor Energies(TensorBatch batch)
            => ((network.forward(batch["image"]).energy * EnergyScaleKeV) - batch["energy"]).abs().mean();
    }
}
