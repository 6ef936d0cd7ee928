using System;
using Hybrid.Models.Training;

namespace Hybrid.Models.Systems.Imnn;

/// <summary>Training statistics at one point of a fit.</summary>
/// <param name="DetF">|F|, Fisher information of the summaries.</param>
/// <param name="DetC">|C|, covariance of the summaries.</param>
/// <param name="DetInverseC">|C⁻¹|.</param>
/// <param name="Distance">Λ₂ = ‖C − I‖ + ‖C⁻¹ − I‖ (Frobenius).</param>
/// <param name="Strength">r(Λ₂).</param>
public readonly record struct ImnnPoint(double DetF, double DetC, double DetInverseC, double Distance, double Strength);

/// <summary>One iteration of a fit: what the metrics of its <see cref="EpochRecord"/> say.</summary>
/// <param name="Number">From 1.</param>
/// <param name="Training">Statistics of the training simulations with the weights before the update.</param>
/// <param name="Validation">Statistics of the validation simulations with the weights after it; null without a validation set.</param>
/// <param name="MaxDetF">Largest monitored |F| so far: validation's where there is one.</param>
/// <param name="Patience">Iterations since then that count.</param>
public sealed record ImnnIteration(int Number, ImnnPoint Training, ImnnPoint? Validation, double MaxDetF, int Patience)
{
    internal const string ValidationPrefix = "validation.";
    internal const string DetFName = "detF";

    /// <summary>The |F| that stopping and the best weights follow.</summary>
    public double Monitored => (Validation ?? Training).DetF;

    /// <summary>An iteration of <see cref="TrainingResult.History"/> or of <see cref="FitProgress.Finished"/>.</summary>
    /// <param name="record">Of an <see cref="InformationMaximiser"/>'s fit.</param>
    /// <exception cref="ArgumentException">It is another algorithm's record.</exception>
    public static ImnnIteration Of(EpochRecord record)
    {
        ArgumentNullException.ThrowIfNull(record);
        return new ImnnIteration(
            record.Epoch, Point(""), record.Metrics?.ContainsKey(ValidationPrefix + DetFName) == true ? Point(ValidationPrefix) : null,
            record.Best, record.EpochsWithoutBetter);

        ImnnPoint Point(string prefix) => new(
            Value(prefix + DetFName), Value(prefix + "detC"), Value(prefix + "detInverseC"), Value(prefix + "distance"),
            Value(prefix + "strength"));

        double Value(string name) => record.Metrics?.TryGetValue(name, out var value) == true
            ? value
            : throw new ArgumentException(
                $"ImnnIteration.Of: the record of epoch {record.Epoch} has no metric '{name}'; it is not an IMNN's.", nameof(record));
    }

    internal static void Measure(ImnnPoint point, Action<string, double> measure)
    {
        measure(DetFName, point.DetF);
        measure("detC", point.DetC);
        measure("detInverseC", point.DetInverseC);
        measure("distance", point.Distance);
        measure("strength", point.Strength);
    }
}
