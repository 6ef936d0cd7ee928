using System;
using System.Collections.Generic;
using System.Linq;
using System.Threading;
using Hybrid.Models.Evaluation;
using MathNet.Numerics.Distributions;
using static TorchSharp.torch;

namespace Hybrid.Models.Inference;

/// <summary>Draws of the posterior of given data.</summary>
/// <param name="observed">Summaries, (S).</param>
/// <param name="count">How many draws of equal weight.</param>
/// <param name="seed">Of the draws.</param>
public delegate WeightedSamples PosteriorSampler(double[] observed, int count, ulong seed);

/// <summary>How the ranks of one parameter are distributed.</summary>
/// <param name="Ranks">Of each trial: how many of its draws were below the truth, 0 … draws.</param>
/// <param name="Draws">Of a posterior.</param>
/// <param name="Counts">In bins of equally many ranks.</param>
/// <param name="ChiSquared">Σ (count − expected)²/expected.</param>
/// <param name="Probability">Of a χ² at least as large if the posterior is right: below 0.01 it is likely not.</param>
/// <param name="Coverage">Share of truths inside the central interval of each probability.</param>
public sealed record RankStatistics(
    int[] Ranks, int Draws, int[] Counts, double ChiSquared, double Probability, IReadOnlyList<CalibrationPoint> Coverage);

/// <summary>
/// Whether posteriors are right on average: of parameters drawn from the prior and data simulated at them, the rank of the truth among the
/// draws of its posterior is uniform. Talts et al. 2018, "Validating Bayesian inference algorithms with simulation-based calibration",
/// algorithm 1.
/// </summary>
/// <param name="Parameters">Of each parameter.</param>
public sealed record SimulationBasedCalibration(IReadOnlyList<RankStatistics> Parameters)
{
    /// <summary>Draws truths, simulates, samples posteriors, ranks.</summary>
    /// <param name="prior">The one that the posteriors have.</param>
    /// <param name="simulator">Summaries at parameters.</param>
    /// <param name="sampler">The posterior to judge.</param>
    /// <param name="trials">Truths, at least five times the bins.</param>
    /// <param name="draws">Of each posterior; one less than a multiple of the bins, so that each bin has equally many ranks.</param>
    /// <param name="bins">Of the χ² test.</param>
    /// <param name="seed">Of truths, data and draws.</param>
    /// <param name="cancellation">Ends it with an <see cref="OperationCanceledException"/>.</param>
    public static SimulationBasedCalibration Of(
        IPrior prior, SummarySimulator simulator, PosteriorSampler sampler, int trials = 500, int draws = 99, int bins = 20,
        ulong seed = 1, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(prior);
        ArgumentNullException.ThrowIfNull(simulator);
        ArgumentNullException.ThrowIfNull(sampler);
        if (bins < 2)
            throw new ArgumentOutOfRangeException(nameof(bins), $"SimulationBasedCalibration: expected at least 2 bins, got {bins}.");
        if (trials < 5 * bins)
            throw new ArgumentOutOfRangeException(
                nameof(trials), $"SimulationBasedCalibration: expected at least {5 * bins} trials for {bins} bins, got {trials}.");
        if (draws < 1 || (draws + 1) % bins != 0)
            throw new ArgumentOutOfRangeException(
                nameof(draws),
                $"SimulationBasedCalibration: expected draws + 1 to be a multiple of {bins} bins, such as {(5 * bins) - 1}, got {draws}.");
        double[][] observed;
        var truths = Simulations.FromPrior(prior, seed, 0, trials);
        using (NewDisposeScope()) observed = Simulations.Rows(Simulations.At(simulator, seed, 0, truths));
        var ranks = truths[0].Select(_ => new int[trials]).ToArray();
        for (var trial = 0; trial < trials; trial++)
        {
            cancellation.ThrowIfCancellationRequested();
            var samples = sampler(observed[trial], draws, unchecked(seed + (ulong)trial));
            if (samples.Count != draws)
                throw new ArgumentException(
                    $"SimulationBasedCalibration: expected {Plural.Of(draws, "draw")} from the sampler, got {samples.Count}.");
            for (var p = 0; p < ranks.Length; p++) ranks[p][trial] = samples.Parameters.Count(row => row[p] < truths[trial][p]);
        }
        return new SimulationBasedCalibration(ranks.Select(of => Statistics(of, draws, bins)).ToArray());
    }

    /// <summary>Of ranks 0 … draws.</summary>
    /// <param name="ranks">One of each trial.</param>
    /// <param name="draws">Of a posterior.</param>
    /// <param name="bins">draws + 1 is a multiple of them.</param>
    public static RankStatistics Statistics(int[] ranks, int draws, int bins)
    {
        ArgumentNullException.ThrowIfNull(ranks);
        var counts = new int[bins];
        foreach (var rank in ranks) counts[rank * bins / (draws + 1)]++;
        var expected = (double)ranks.Length / bins;
        var chiSquared = counts.Sum(count => (count - expected) * (count - expected) / expected);
        var coverage = Enumerable.Range(1, 19).Select(k =>
        {
            // A central interval leaves as many ranks out at either end; a rank counts with the share of its place that is inside.
            var (nominal, places) = (k / 20.0, draws + 1.0);
            var (low, high) = ((1 - nominal) / 2, (1 + nominal) / 2);
            return new CalibrationPoint(
                nominal,
                ranks.Average(rank => Math.Clamp((Math.Min(high, (rank + 1) / places) - Math.Max(low, rank / places)) * places, 0, 1)));
        }).ToArray();
        return new RankStatistics(ranks, draws, counts, chiSquared, 1 - ChiSquared.CDF(bins - 1, chiSquared), coverage);
    }
}
