using System;
using System.Linq;
using System.Text.Json.Serialization;
using Hybrid.Models.Systems.Imnn;
using Hybrid.Models.Training;

namespace Hybrid.Samples.Imnn;

/// <summary>A network's |F| on the unseen simulations.</summary>
/// <param name="Determinant">|F|.</param>
/// <param name="StandardError">Of it, by the jackknife.</param>
/// <param name="OfOptimum">Its ratio to that of the best summaries on the same simulations.</param>
public sealed record JudgedDeterminant(double Determinant, double StandardError, double OfOptimum)
{
    public static JudgedDeterminant Of(FisherEvaluation evaluation, FisherEvaluation optimum)
        => new(
            evaluation.Statistics.Determinant, evaluation.StandardError,
            evaluation.Statistics.Determinant / optimum.Statistics.Determinant);
}

/// <summary>
/// How good a network is on simulations that it never saw, beside what theory allows and what the same network does untrained. The last
/// layer in closed form nearly solves the worked problem on random features, so |F| after it says little of the training: both are here.
/// </summary>
/// <param name="Expected">|F| of the data themselves, by theory.</param>
/// <param name="Optimum">|F| that the best summaries have on the same simulations: it scatters about theory's.</param>
/// <param name="Trained">The network as training left it.</param>
/// <param name="Readout">After its last layer was computed in closed form; null where it was not.</param>
/// <param name="Untrained">The same network with its first weights, its last layer computed too; null where there is no read-out.</param>
/// <param name="Simulations">Unseen simulations.</param>
public sealed record ImnnJudgement(
    double Expected, double Optimum, JudgedDeterminant Trained, JudgedDeterminant? Readout, JudgedDeterminant? Untrained, int Simulations)
{
    /// <summary>The network that the run saves.</summary>
    [JsonIgnore] public JudgedDeterminant Final => Readout ?? Trained;

    /// <summary>The result in one line.</summary>
    public override string ToString()
    {
        var readout = Readout is null ? "" : FormattableString.Invariant($", {Readout.Determinant:0.0} with read-out");
        return FormattableString.Invariant(
                $"|F| {Trained.Determinant:0.0} ± {Trained.StandardError:0.0} of {Expected:0} as trained{readout} ")
            + FormattableString.Invariant(
                $"({100 * Final.OfOptimum:0.0} % of the optimum on the same) on {Simulations} unseen simulations");
    }
}

/// <summary>What came out of a run, as evaluation.json has it.</summary>
/// <param name="Determinant">|F| of the saved network on unseen simulations, or on the validation set.</param>
/// <param name="Judgement">On unseen simulations; null for data sets.</param>
/// <param name="ParameterErrors">√diag F⁻¹: the Cramér–Rao bound on each parameter's error.</param>
/// <param name="Fisher">F, (P, P).</param>
/// <param name="Iterations">Iterations trained.</param>
/// <param name="Reason">Why training ended.</param>
/// <param name="BestIteration">The iteration of the largest monitored |F|.</param>
/// <param name="TrainingSeconds">From the process's start to the end of training.</param>
/// <param name="Seconds">To the end of the evaluation.</param>
/// <param name="ProcessorSeconds">Of all threads, from the run's start to the end of the evaluation.</param>
/// <param name="TrainingDeterminant">The last |F| of training simulations.</param>
public sealed record ImnnMetrics(
    double Determinant, ImnnJudgement? Judgement, double[] ParameterErrors, double[][] Fisher,
    int Iterations, StopReason Reason, int BestIteration, double TrainingSeconds, double Seconds, double ProcessorSeconds,
    double TrainingDeterminant)
{
    public static ImnnMetrics Of(
        TrainingResult result,
        FisherStatistics statistics,
        ImnnJudgement? judgement,
        double trainingSeconds,
        double seconds,
        double processorSeconds)
        => new(
            statistics.Determinant, judgement, statistics.InverseFisher.Select((row, i) => Math.Sqrt(row[i])).ToArray(),
            statistics.Fisher, result.Epochs, result.Reason, result.BestEpoch, trainingSeconds, seconds, processorSeconds,
            result.History.Count == 0 ? double.NaN : ImnnIteration.Of(result.History[^1]).Training.DetF);

    // 64 against 46 is what the package's own 1000 simulations come to; fresh simulations scatter by 7 %.
    private const double OverfitRatio = 1.3;

    /// <summary>What is to be said where training |F| is far above that of unseen simulations; null: nothing.</summary>
    [JsonIgnore] public string? Overfit
        => (Judgement?.Trained.Determinant ?? Determinant) is var unseen && TrainingDeterminant > OverfitRatio * unseen
            ? FormattableString.Invariant($"training |F| {TrainingDeterminant:0.0} is far above the {unseen:0.0} of unseen simulations: ")
                + "the network has learnt its own by heart. Use more simulations, a smaller network, or a simulator"
            : null;

    /// <summary>The result in one line.</summary>
    [JsonIgnore] public string LastLine => Judgement?.ToString() ?? FormattableString.Invariant(
        $"validation |F| {Determinant:0.0} (training {TrainingDeterminant:0.0}), best at iteration {BestIteration} of {Iterations}");
}
