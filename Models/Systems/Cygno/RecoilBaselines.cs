using System;
using System.Linq;
using System.Threading;
using Hybrid.Data.Cache;
using Hybrid.Data.Images;
using Hybrid.Models.Training;
using TorchSharp;
using static TorchSharp.torch;

namespace Hybrid.Models.Systems.Cygno;

/// <summary>
/// Others' networks, trained as they trained them, to compare with: the exercise's small one and the two of lophy95's entry to the
/// IDAO 2021 competition.
/// </summary>
public static class RecoilBaselines
{
    /// <summary>What the exercise's network sees: RecoilSet's preprocessing.</summary>
    public const int ExerciseBatch = 10;

    /// <summary>Images in a batch of lophy95's.</summary>
    public const int PublishedBatch = 110;

    /// <summary>Epochs of lophy95's network for the kind.</summary>
    public const int PublishedKindEpochs = 2;

    /// <summary>Epochs of lophy95's network for the energy.</summary>
    public const int PublishedEnergyEpochs = 50;

    /// <summary>What lophy95's networks see: the middle 120 × 120 pixels, counts over 255.</summary>
    public static Recipe PublishedPreprocessing { get; } = new(ImageStep.CentreCrop(120, 120), ImageStep.Window(0, 255));

    /// <summary>
    /// The exercise: batches of ten, Adam at 10⁻³, binary cross-entropy and 10⁻⁴ times the squared weights; the epoch of the smallest
    /// validation loss.
    /// </summary>
    /// <param name="network">To train.</param>
    /// <param name="training">Rows with <c>image</c> (1, 128, 128) and <c>nuclear</c>.</param>
    /// <param name="validation">Rows by which the epoch is chosen.</param>
    /// <param name="epochs">Fifty in the exercise.</param>
    /// <param name="seed">Of the order.</param>
    /// <param name="run">Directory, and what stands there.</param>
    /// <param name="progress">Receives steps and epochs.</param>
    /// <param name="cancellation">Ends the training after the running step.</param>
    public static TrainingResult FitExercise(
        RecoilExercise network, Cache training, Cache validation, int epochs, long seed, TrainingOptions run,
        IProgress<FitProgress>? progress = null, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(network);
        ArgumentNullException.ThrowIfNull(run);
        using var optimiser = optim.Adam(network.parameters(), lr: 1e-3, weight_decay: 2e-4);
        return Trainer.Fit(
            network, optimiser,
            batch => RecoilKindLoss.Value(network.forward(batch["image"]), Kinds(batch)),
            Batches(training, ExerciseBatch, seed, "nuclear"), Batches(validation, 250, null, "nuclear"),
            run with { Epochs = epochs, Seed = seed }, progress, cancellation);

        static Tensor Kinds(TensorBatch batch) => batch["nuclear"].to(ScalarType.Float32).unsqueeze(1);
    }

    /// <summary>
    /// lophy95's: batches of 110, Adamax at 10⁻³; two outputs by binary cross-entropy on each for two epochs, or one by the squared error
    /// of the energy in keV for fifty.
    /// </summary>
    /// <param name="network">Of two outputs or of one.</param>
    /// <param name="training">Rows with <c>image</c> (1, 120, 120), <c>nuclear</c> and <c>energy</c>.</param>
    /// <param name="epochs">Null: the published number.</param>
    /// <param name="seed">Of the order and of dropout.</param>
    /// <param name="run">Directory, and what stands there.</param>
    /// <param name="progress">Receives steps and epochs.</param>
    /// <param name="cancellation">Ends the training after the running step.</param>
    public static TrainingResult FitPublished(
        RecoilTwoLayers network, Cache training, int? epochs, long seed, TrainingOptions run, IProgress<FitProgress>? progress = null,
        CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(network);
        ArgumentNullException.ThrowIfNull(run);
        var isKind = network.state_dict()["answer.bias"].shape[0] == 2;
        using var optimiser = optim.Adamax(network.parameters(), lr: 1e-3);
        return Trainer.Fit(
            network, optimiser, Loss, Batches(training, PublishedBatch, seed, "nuclear", "energy"), null,
            run with { Epochs = epochs ?? (isKind ? PublishedKindEpochs : PublishedEnergyEpochs), Seed = seed, KeepBest = false },
            progress, cancellation);

        Tensor Loss(TensorBatch batch)
        {
            var answer = network.forward(batch["image"]);
            if (!isKind) return RecoilEnergySquared.Value(answer.squeeze(1), batch["energy"]);
            var nuclear = batch["nuclear"].to(ScalarType.Float32);
            return RecoilKindLoss.Value(answer, stack([nuclear, 1 - nuclear], 1));
        }
    }

    /// <summary>A network's answers to every row, in order: (rows, outputs), row by row.</summary>
    /// <param name="network">Is set to evaluation mode.</param>
    /// <param name="rows">With <c>image</c> as the network sees it.</param>
    /// <param name="device">Where the network is.</param>
    public static double[] Answers(nn.Module<Tensor, Tensor> network, Cache rows, Device device)
    {
        ArgumentNullException.ThrowIfNull(network);
        network.eval();
        using var _ = no_grad();
        return [.. Batches(rows, 100, null).Epoch(0, 0).SelectMany(Answer)];

        double[] Answer(TensorBatch batch)
        {
            using var scope = NewDisposeScope();
            return [.. network.forward(batch["image"].to(device)).cpu().to(ScalarType.Float64).contiguous().data<double>()];
        }
    }

    private static CacheBatches Batches(Cache rows, int size, long? seed, params string[] columns)
        => new(
            rows,
            new BatchOptions
            {
                BatchSize = size, Shuffle = seed is not null, Seed = (int)(seed ?? 0), DropLast = seed is not null && rows.Count > size,
            },
            ["image", .. columns]);
}
