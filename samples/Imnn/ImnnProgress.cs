using System;
using Hybrid.Models.Systems.Imnn;
using Hybrid.Models.Training;

namespace Hybrid.Samples.Imnn;

/// <summary>The fit as it runs: |F|, |C|, |C⁻¹|, Λ₂ and r of an iteration.</summary>
internal static class ImnnProgress
{
    /// <param name="patience">Of the fit; null: none.</param>
    /// <param name="rate">Iterations from one line to the next; null: ten lines in all.</param>
    public static IProgress<FitProgress> Console(int? patience, int? rate)
        => rate is { } every
            ? new EachSo(every, patience)
            : Progress.Console((fit, record) => Describe(fit, record, patience), System.Console.Out, lines: 10);

    private sealed class EachSo(int rate, int? patience) : IProgress<FitProgress>
    {
        public void Report(FitProgress value)
        {
            if (value.Notice is { } notice) System.Console.WriteLine(notice);
            if (value.Finished is { } record && record.Epoch % rate == 0) System.Console.WriteLine(Describe(value, record, patience));
        }
    }

    private static string Describe(FitProgress fit, EpochRecord record, int? patience)
    {
        var iteration = ImnnIteration.Of(record);
        var point = iteration.Validation ?? iteration.Training;
        var training = iteration.Validation is null ? "" : FormattableString.Invariant($" (training {iteration.Training.DetF:0.0})");
        var waiting = patience is null ? "" : FormattableString.Invariant($"  patience {iteration.Patience}/{patience}");
        return FormattableString.Invariant($"iteration {iteration.Number,5}/{fit.Epochs}  |F| {point.DetF,6:0.00}{training}")
            + FormattableString.Invariant($"  |C| {point.DetC:0.000}  |C⁻¹| {point.DetInverseC:0.000}")
            + FormattableString.Invariant($"  Λ₂ {point.Distance:0.000}  r {point.Strength:0.00}{waiting}");
    }
}
