using System;
using System.Collections.Generic;
using System.Text.Json.Serialization;
using static TorchSharp.torch;

namespace Hybrid.Models.Training;

/// <summary>What to do where the run's directory holds a run already.</summary>
public enum ExistingRun
{
    /// <summary>Nothing: an error.</summary>
    Refuse,

    /// <summary>Continue from its last checkpoint, bit for bit on one thread; a finished run gives its result again.</summary>
    Resume,

    /// <summary>Remove it and begin again.</summary>
    Replace,
}

/// <summary>What to do when a loss is not finite.</summary>
public enum NonFiniteLoss
{
    /// <summary>End the fit with an error that names what is not finite: an input, a weight, or neither.</summary>
    Stop,

    /// <summary>Leave the step out; after a hundred in a row the fit ends with that error.</summary>
    Skip,
}

/// <summary>How a fit runs, when it stops and what it keeps.</summary>
public sealed record TrainingOptions
{
    /// <summary>Most epochs, ≥ 1.</summary>
    public int Epochs { get; init; } = 100;

    /// <summary>Most steps (updates of the weights) over all epochs; null: no bound.</summary>
    public long? MaxSteps { get; init; }

    /// <summary>Epochs without a better metric (of any member) after which the fit stops; null: it does not.</summary>
    public int? Patience { get; init; }

    /// <summary>Epochs before <see cref="Patience"/> counts, ≥ 0.</summary>
    public int MinEpochs { get; init; }

    /// <summary>
    /// Batches whose gradients are added up for one update, ≥ 1: k batches of b examples do what one of k·b does, in the memory of one
    /// (batch normalisation and dropout aside). The last update of an epoch takes what is left.
    /// </summary>
    public int AccumulateBatches { get; init; } = 1;

    /// <summary>
    /// Whether steps and validation multiply in bfloat16 where libtorch's autocast finds that safe (<see cref="Engine.Autocast"/>): half
    /// the memory of activations, and faster where the device has instructions for it. Weights, gradients and updates stay float32.
    /// </summary>
    public bool Autocast { get; init; }

    /// <summary>How much better than the best a metric must be to count, ≥ 0.</summary>
    public double MinImprovement { get; init; }

    /// <summary>
    /// The metric that stopping, schedule and best weights follow: "loss" (the validation's; the training's where there is no validation),
    /// or the name of one of <see cref="Metrics"/>, of <see cref="AfterEpoch"/>, or of what the algorithm measures.
    /// </summary>
    public string Monitor { get; init; } = "loss";

    /// <summary>Whether a higher <see cref="Monitor"/> is better.</summary>
    public bool HigherIsBetter { get; init; }

    /// <summary>How the learning rate changes; null: it does not.</summary>
    [JsonIgnore] public RateSchedule? Schedule { get; init; }

    /// <summary>
    /// Gradients are scaled so that the norm over all parameters (of an ensemble: of each member) is at most this; null: they are not.
    /// </summary>
    public double? ClipNorm { get; init; }

    /// <summary>Each gradient is clamped to ± this, before <see cref="ClipNorm"/>; null: it is not.</summary>
    public double? ClipValue { get; init; }

    /// <summary>
    /// Decay of an average of the weights over the steps (<see cref="ExponentialMovingAverage"/>), which is then validated and kept; null:
    /// none.
    /// </summary>
    public double? AverageDecay { get; init; }

    public NonFiniteLoss NonFinite { get; init; }

    /// <summary>Seed of dropout and whatever else draws from torch's default generator; null leaves the generator as it is.</summary>
    public long? Seed { get; init; } = 1;

    /// <summary>
    /// Whether the network ends with the weights of the best metric (each member of an ensemble with its own), not with the last ones.
    /// </summary>
    public bool KeepBest { get; init; } = true;

    /// <summary>
    /// The run's directory: options.json, history.jsonl (a line an epoch), checkpoint.safetensors and the one before it,
    /// weights.safetensors, metrics.json, history.csv. Null: nothing is written.
    /// </summary>
    [JsonIgnore] public string? Directory { get; init; }

    public ExistingRun Existing { get; init; }

    /// <summary>Epochs from one checkpoint to the next, ≥ 1; another one is written at the end.</summary>
    public int CheckpointEpochs { get; init; } = 1;

    /// <summary>Steps after which a checkpoint is written besides those at the ends of epochs; null: none.</summary>
    public int? CheckpointSteps { get; init; }

    /// <summary>How many of the best epochs' weights are kept beside weights.safetensors, as epoch-N.safetensors.</summary>
    public int KeepEpochs { get; init; }

    /// <summary>
    /// Means over the validation batches, beside the loss: scalars, or (M) for an ensemble. Computed in evaluation mode without gradients.
    /// </summary>
    [JsonIgnore] public IReadOnlyDictionary<string, Func<TensorBatch, Tensor>> Metrics { get; init; }
        = new Dictionary<string, Func<TensorBatch, Tensor>>();

    /// <summary>
    /// Metrics of the whole network after each epoch, in evaluation mode, without gradients, with averaged weights where there are such.
    /// </summary>
    [JsonIgnore] public Func<IReadOnlyDictionary<string, double>>? AfterEpoch { get; init; }

    [JsonIgnore] public IReadOnlyList<FitCallback> Callbacks { get; init; } = [];

    /// <summary>Whether each epoch's record says where its time went (<see cref="EpochRecord.Profile"/>).</summary>
    public bool Profile { get; init; }

    /// <summary>
    /// Whether losses, metrics and rates are also written as TensorBoard event files, in the folder <c>tensorboard</c> of
    /// <see cref="Directory"/>.
    /// </summary>
    public bool TensorBoard { get; init; }

    /// <summary>What else options.json shall say of this run (the network's sizes, the data).</summary>
    public object? Notes { get; init; }

    internal void Check()
    {
        Require(Epochs >= 1, nameof(Epochs), "≥ 1", Epochs);
        Require(MaxSteps is null or >= 1, nameof(MaxSteps), "≥ 1", MaxSteps);
        Require(Patience is null or >= 1, nameof(Patience), "≥ 1", Patience);
        Require(MinEpochs >= 0, nameof(MinEpochs), "≥ 0", MinEpochs);
        Require(AccumulateBatches >= 1, nameof(AccumulateBatches), "≥ 1", AccumulateBatches);
        Require(CheckpointEpochs >= 1, nameof(CheckpointEpochs), "≥ 1", CheckpointEpochs);
        Require(MinImprovement >= 0, nameof(MinImprovement), "≥ 0", MinImprovement);
        Require(ClipNorm is null or > 0, nameof(ClipNorm), "> 0", ClipNorm);
        Require(ClipValue is null or > 0, nameof(ClipValue), "> 0", ClipValue);
        Require(AverageDecay is null or (>= 0 and < 1), nameof(AverageDecay), "in [0, 1)", AverageDecay);
        Require(CheckpointSteps is null or >= 1, nameof(CheckpointSteps), "≥ 1", CheckpointSteps);
        Require(KeepEpochs >= 0, nameof(KeepEpochs), "≥ 0", KeepEpochs);
        if (Directory is null && (CheckpointSteps is not null || KeepEpochs > 0 || TensorBoard))
            throw new ArgumentException(
                "TrainingOptions: CheckpointSteps, KeepEpochs and TensorBoard write files, so Directory must be given.", nameof(Directory));
        if (Metrics.ContainsKey("loss"))
            throw new ArgumentException("TrainingOptions: 'loss' is the loss's own name; call the metric something else.", nameof(Metrics));
    }

    private static void Require(bool holds, string name, string expected, object? value)
    {
        if (!holds)
            throw new ArgumentOutOfRangeException(
                name, FormattableString.Invariant($"TrainingOptions: expected {name} {expected}, got {value}."));
    }
}
