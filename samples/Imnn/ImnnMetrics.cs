using System;
using System.Linq;
using Hybrid.Models.Training;
using Hybrid.Models.Systems.Imnn;

namespace Hybrid.Samples.Imnn;

/// <summary>What came out of a run, as evaluation.json has it.</summary>
/// <param name="Determinant">|F| on unseen simulations, or of the validation set.</param>
/// <param name="StandardError">Of it; null for a validation set.</param>
/// <param name="Expected">|F| of the data themselves; null where theory gives none.</param>
/// <param name="Simulations">Unseen simulations; 0 for a validation set.</param>
/// <param name="ParameterErrors">√diag F⁻¹: the Cramér–Rao bound on each parameter's error.</param>
/// <param name="Fisher">F, (P, P).</param>
/// <param name="Iterations">Iterations trained.</param>
/// <param name="Reason">Why training ended.</param>
/// <param name="BestIteration">The iteration of the largest monitored |F|.</param>
/// <param name="TrainingSeconds">From the process's start to the end of training.</param>
/// <param name="Seconds">To the end of the evaluation.</param>
/// <param name="TrainingDeterminant">The last |F| of training simulations.</param>
public sealed record ImnnMetrics(
    double Determinant, double? StandardError, double? Expected, int Simulations, double[] ParameterErrors, double[][] Fisher,
    int Iterations, StopReason Reason, int BestIteration, double TrainingSeconds, double Seconds, double TrainingDeterminant)
{
    public static ImnnMetrics Of(
        TrainingResult result,
        FisherStatistics trained,
        FisherEvaluation? evaluation,
        double? expected,
        double trainingSeconds,
        double seconds)
    {
        var statistics = evaluation?.Statistics ?? trained;
        return new ImnnMetrics(
            statistics.Determinant, evaluation?.StandardError, expected, evaluation?.Simulations ?? 0,
            statistics.InverseFisher.Select((row, i) => Math.Sqrt(row[i])).ToArray(), statistics.Fisher,
            result.Epochs, result.Reason, result.BestEpoch, trainingSeconds, seconds,
            result.History.Count == 0 ? double.NaN : ImnnIteration.Of(result.History[^1]).Training.DetF);
    }

    /// <summary>The result in one line.</summary>
    public string LastLine => Expected is { } expected && StandardError is { } error
        ? FormattableString.Invariant(
            $"|F| {Determinant:0.0} ± {error:0.0} of {expected:0} ({100 * Determinant / expected:0} %) on {Simulations} unseen simulations")
        : FormattableString.Invariant(
            $"validation |F| {Determinant:0.0} (training {TrainingDeterminant:0.0}), best at iteration {BestIteration} of {Iterations}");
}
