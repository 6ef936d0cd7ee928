using System;
using System.Collections.Generic;
using System.Linq;
using Hybrid.Models.Evaluation;

namespace Hybrid.Models.Systems.Cygno;

/// <summary>A classifier's quality among the images of some energies.</summary>
/// <param name="FromKeV">The lowest energy of the bin.</param>
/// <param name="ToKeV">The highest; the same for a single energy.</param>
/// <param name="Area">Area under the characteristic with its error by DeLong.</param>
/// <param name="RejectionAt90">Share of the electrons rejected where 90 % of the nuclei are kept.</param>
/// <param name="RejectionAt99">The same for 99 %.</param>
public sealed record RecoilClassification(double FromKeV, double ToKeV, RocArea Area, double RejectionAt90, double RejectionAt99);

/// <summary>Energy estimates of one kind and energy, with 95 % bootstrap intervals.</summary>
/// <param name="Nuclear">Nuclear recoils, or electrons.</param>
/// <param name="EnergyKeV">The true energy.</param>
/// <param name="Count">Images.</param>
/// <param name="BiasKeV">Mean of estimate − truth.</param>
/// <param name="ResolutionKeV">Standard deviation of the estimates.</param>
/// <param name="BoundKeV">The smallest standard deviation of an unbiased estimate (Cramér and Rao); null where it is not known.</param>
public sealed record RecoilEnergies(
    bool Nuclear, double EnergyKeV, int Count, Bootstrapped BiasKeV, Bootstrapped ResolutionKeV, double? BoundKeV = null)
{
    /// <summary>Bias and resolution of estimates of one energy.</summary>
    /// <param name="nuclear">Their kind.</param>
    /// <param name="energyKeV">The truth.</param>
    /// <param name="estimates">At least one, keV.</param>
    /// <param name="boundKeV">What is possible, where it is known.</param>
    public static RecoilEnergies Of(bool nuclear, double energyKeV, double[] estimates, double? boundKeV = null)
    {
        ArgumentNullException.ThrowIfNull(estimates);
        return new RecoilEnergies(
            nuclear, energyKeV, estimates.Length,
            Bootstrap.Of(estimates.Length, places => places.Average(i => estimates[i]) - energyKeV),
            Bootstrap.Of(estimates.Length, Deviation), boundKeV);

        double Deviation(int[] places)
        {
            var mean = places.Average(i => estimates[i]);
            return Math.Sqrt(places.Sum(i => (estimates[i] - mean) * (estimates[i] - mean)) / Math.Max(1, places.Length - 1));
        }
    }
}

/// <summary>How good a network is on images that nothing trained on or chose by; what evaluation.json holds.</summary>
/// <param name="Count">Images.</param>
/// <param name="Pooled">All energies together.</param>
/// <param name="Limit">The same of the exact likelihood ratio on the same images; null for images that were not simulated here.</param>
/// <param name="Bins">Energies 0 to 5, 5 to 15 and 15 to 35 keV, as in the exercise; those with both kinds.</param>
/// <param name="Energies">Each energy that has both kinds, where there are at most forty.</param>
/// <param name="MeanAbsoluteErrorKeV">Of the estimated energies.</param>
/// <param name="RegressionErrorKeV">The same of the estimates that do not know which energies there are.</param>
/// <param name="RegressionCoverage">Share of truths within one expected standard deviation of those: 0.68 for a normal error.</param>
/// <param name="ByClass">Bias and resolution of each kind and energy, where there are at most forty.</param>
/// <param name="TrueNuclear">Nuclei with a response of at least 0.5.</param>
/// <param name="FalseNuclear">Electrons with one.</param>
/// <param name="TrueElectron">Electrons below.</param>
/// <param name="FalseElectron">Nuclei below.</param>
/// <param name="Calibration">In tenths of the response: its mean, and the share of nuclei.</param>
public sealed record RecoilEvaluation(
    int Count, RecoilClassification Pooled, RocArea? Limit, IReadOnlyList<RecoilClassification> Bins,
    IReadOnlyList<RecoilClassification> Energies, double MeanAbsoluteErrorKeV, double RegressionErrorKeV,
    double RegressionCoverage, IReadOnlyList<RecoilEnergies> ByClass, int TrueNuclear,
    int FalseNuclear, int TrueElectron, int FalseElectron, IReadOnlyList<CalibrationPoint> Calibration)
{
    private const int MostEnergies = 40;

    /// <summary>For a network of continuous energies: the regression's bias and resolution at some, beside what is possible; else
    /// null.</summary>
    public IReadOnlyList<RecoilEnergies>? Resolution { get; init; }

    private static readonly (double From, double To)[] _bins = [(0, 5), (5, 15), (15, 35)];

    /// <summary>Judges predictions.</summary>
    /// <param name="predictions">Of unseen images, of both kinds.</param>
    /// <param name="limit">Scores of the exact likelihood on the same images; null without them.</param>
    /// <exception cref="ArgumentException">There is one kind only.</exception>
    public static RecoilEvaluation Of(RecoilPredictions predictions, double[]? limit = null)
    {
        ArgumentNullException.ThrowIfNull(predictions);
        var p = predictions;
        if (!p.Nuclear.Contains(true) || !p.Nuclear.Contains(false))
            throw new ArgumentException(
                $"the test set: expected nuclear and electron recoils, got {p.Nuclear.Count(n => n)} and {p.Nuclear.Count(n => !n)}. "
                    + "A response cannot be judged on one kind.", nameof(predictions));
        var energies = p.EnergyKeV.Distinct().Order().ToArray();
        var few = energies.Length <= MostEnergies ? energies : [];
        var response = p.Response;
        return new RecoilEvaluation(
            p.Count, Classification(p, p.EnergyKeV.Min(), p.EnergyKeV.Max())!,
            limit is null ? null : Roc.Area(limit, p.Nuclear),
            [.. _bins
                .Select(bin => Classification(Between(bin.From, bin.To), bin.From, bin.To))
                .OfType<RecoilClassification>()],
            [.. few.Select(e => Classification(p.Where(i => p.EnergyKeV[i] == e), e, e)).OfType<RecoilClassification>()],
            Error(p.EstimatedKeV), Error(p.RegressedKeV),
            Enumerable.Range(0, p.Count).Average(i => Math.Abs(p.RegressedKeV[i] - p.EnergyKeV[i]) <= p.ErrorKeV[i] ? 1.0 : 0),
            [.. from kind in (bool[])[false, true]
                from e in few
                let of = p.Where(i => p.Nuclear[i] == kind && p.EnergyKeV[i] == e).EstimatedKeV
                where of.Length > 0
                select RecoilEnergies.Of(kind, e, of)],
            Number(true, true), Number(false, true), Number(false, false), Number(true, false),
            [.. Enumerable.Range(0, 10)
                .Select(tenth => Enumerable.Range(0, p.Count).Where(i => Math.Min(9, (int)(10 * response[i])) == tenth).ToArray())
                .Where(places => places.Length > 0)
                .Select(places => new CalibrationPoint(places.Average(i => response[i]), places.Average(i => p.Nuclear[i] ? 1.0 : 0)))]);

        double Error(double[] estimates) => p.EnergyKeV.Zip(estimates, (truth, estimate) => Math.Abs(truth - estimate)).Average();

        RecoilPredictions Between(double from, double to) => p.Where(i => p.EnergyKeV[i] >= from && p.EnergyKeV[i] < to);

        int Number(bool nuclear, bool called)
            => Enumerable.Range(0, p.Count).Count(i => p.Nuclear[i] == nuclear && response[i] >= 0.5 == called);
    }

    /// <summary>The result in one line.</summary>
    public string LastLine
    {
        get
        {
            var area = Pooled.Area;
            var beside = Limit is { } limit ? FormattableString.Invariant($"; limit {limit.Auc:0.0000}") : "";
            return FormattableString.Invariant($"AUC {area.Auc:0.0000} ({area.Low:0.0000} to {area.High:0.0000}{beside}), ")
                + FormattableString.Invariant($"MAE {MeanAbsoluteErrorKeV:0.00} keV on {Count} unseen images");
        }
    }

    private static RecoilClassification? Classification(RecoilPredictions p, double from, double to)
        => p.Nuclear.Contains(true) && p.Nuclear.Contains(false)
            ? new(
                from,
                to,
                Roc.Area(p.Score, p.Nuclear),
                Roc.RejectionAt(p.Score, p.Nuclear, 0.9),
                Roc.RejectionAt(p.Score, p.Nuclear, 0.99))
            : null;
}
