using System;
using System.Collections.Generic;

namespace Hybrid.Models.Training;

/// <summary>One epoch of a fit: a line of history.jsonl.</summary>
public sealed record EpochRecord
{
    /// <summary>From 1.</summary>
    public required int Epoch { get; init; }

    /// <summary>Steps of all epochs so far.</summary>
    public required long Steps { get; init; }

    /// <summary>The rate of the first parameter group in the epoch's last step.</summary>
    public required double LearningRate { get; init; }

    /// <summary>Mean over the epoch's examples, each with the weights of its step (of an ensemble: mean over members).</summary>
    public required double TrainingLoss { get; init; }

    /// <summary>Mean over the validation examples after the epoch; null without validation.</summary>
    public double? ValidationLoss { get; init; }

    /// <summary>
    /// What <see cref="TrainingOptions.Metrics"/>, <see cref="TrainingOptions.AfterEpoch"/> and the algorithm gave (of an ensemble: means
    /// over members).
    /// </summary>
    public IReadOnlyDictionary<string, double>? Metrics { get; init; }

    /// <summary>The same for each member of an ensemble, by the names "trainingLoss", "validationLoss" and the metrics'.</summary>
    public IReadOnlyDictionary<string, double[]>? Members { get; init; }

    /// <summary>The watched metric (of an ensemble: its mean).</summary>
    public required double Monitored { get; init; }

    /// <summary>The best value of the watched metric so far (of an ensemble: mean of its members' best); NaN before a finite one.</summary>
    public double Best { get; init; } = double.NaN;

    /// <summary>Epochs since then that count for <see cref="TrainingOptions.Patience"/>.</summary>
    public int EpochsWithoutBetter { get; init; }

    /// <summary>Whether it was better than in every epoch before (of an ensemble: for any member).</summary>
    public required bool IsBest { get; init; }

    /// <summary>Largest norm of a step's gradient before clipping; null where <see cref="TrainingOptions.ClipNorm"/> is.</summary>
    public double? LargestGradient { get; init; }

    /// <summary>Steps left out since their loss was not finite.</summary>
    public long SkippedSteps { get; init; }

    /// <summary>Wall time of the epoch; of a continued one, since it was continued.</summary>
    public required double Seconds { get; init; }

    /// <summary>Where the time went; null unless <see cref="TrainingOptions.Profile"/> asks for it.</summary>
    public EpochProfile? Profile { get; init; }
}

/// <summary>A fit as options.json describes it.</summary>
/// <param name="Network">The module's name.</param>
/// <param name="Parameters">Numbers that the optimiser trains.</param>
/// <param name="Optimiser">Its class.</param>
/// <param name="LearningRate">Of its first group, at the start of this process.</param>
/// <param name="Schedule">Null: the rate stays.</param>
/// <param name="BatchesPerEpoch">Where it is known.</param>
/// <param name="HasValidation">Whether there are validation batches.</param>
/// <param name="Metrics">Names of what is measured beside the loss.</param>
/// <param name="Options">The rest of what was asked.</param>
internal sealed record FitDescription(
    string Network,
    long Parameters,
    string Optimiser,
    double LearningRate,
    string? Schedule,
    int? BatchesPerEpoch,
    bool HasValidation,
    IReadOnlyList<string> Metrics,
    TrainingOptions Options);

/// <summary>What a fit reports while it runs: after each step, and after each epoch with its record.</summary>
/// <param name="Epoch">From 1.</param>
/// <param name="Epochs">Most epochs.</param>
/// <param name="Batch">Steps of this epoch so far.</param>
/// <param name="Batches">Steps of an epoch, where they are known.</param>
/// <param name="Step">Steps of all epochs.</param>
/// <param name="Loss">The step's loss (of an ensemble: mean over members).</param>
/// <param name="Finished">The epoch's record when it has ended, else null.</param>
public readonly record struct FitProgress(int Epoch, int Epochs, int Batch, int? Batches, long Step, double Loss, EpochRecord? Finished)
{
    /// <summary>What the fit did, in its last report; null before.</summary>
    public TrainingResult? Result { get; init; }

    /// <summary>
    /// In a report of its own before the first step: that the last checkpoint is damaged and the one before it was taken; null otherwise.
    /// </summary>
    public string? Notice { get; init; }
}

/// <summary>
/// What a fit did. The network holds the best weights, or with <see cref="TrainingOptions.KeepBest"/> off the last (averaged, where there
/// is an average).
/// </summary>
/// <param name="Reason">Why it ended.</param>
/// <param name="Epochs">Complete epochs, those before a continuation included.</param>
/// <param name="Steps">Steps.</param>
/// <param name="Best">The best metric (of an ensemble: mean of its members' best).</param>
/// <param name="BestEpoch">Its epoch, from 1 (of an ensemble: the last in which a member was best); 0 where no metric was finite.</param>
/// <param name="MemberBest">The best metric of each member; one for a single network.</param>
/// <param name="MemberBestEpochs">Their epochs.</param>
/// <param name="History">Every epoch.</param>
/// <param name="Seconds">Wall time since this call.</param>
public sealed record TrainingResult(
    StopReason Reason,
    int Epochs,
    long Steps,
    double Best,
    int BestEpoch,
    IReadOnlyList<double> MemberBest,
    IReadOnlyList<int> MemberBestEpochs,
    IReadOnlyList<EpochRecord> History,
    double Seconds)
{
    /// <summary>The metric that best values are of.</summary>
    public string Monitor { get; init; } = "loss";

    /// <summary>The run's directory; null where nothing was written.</summary>
    public string? Directory { get; init; }

    /// <summary>That the last checkpoint was damaged and the fit continued from the one before it; null otherwise.</summary>
    public string? Notice { get; init; }

    /// <summary>One line: <c>40 epochs, 1600 steps, 12.3 s; best loss 0.0132 at epoch 32; patience ran out</c>.</summary>
    public override string ToString()
    {
        var best = BestEpoch == 0 ? $"no finite {Monitor}" : FormattableString.Invariant($"best {Monitor} {Best:g4} at epoch {BestEpoch}");
        var members = MemberBest.Count > 1 ? $" (mean of {MemberBest.Count} members)" : "";
        var length = $"{Plural.Of(Epochs, "epoch")}, {Plural.Of(Steps, "step")}";
        return FormattableString.Invariant($"{length}, {Seconds:0.0} s; {best}{members}; {TrainingReport.Ending(Reason)}");
    }
}
