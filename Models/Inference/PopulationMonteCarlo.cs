using System;
using System.Collections.Generic;
using System.Linq;
using System.Threading;
using System.Threading.Tasks;
using Hybrid.Data.Statistics;
using Hybrid.Models.Training;
using MathNet.Numerics.LinearAlgebra;

namespace Hybrid.Models.Inference;

/// <summary>How long a population moves.</summary>
public sealed record PmcOptions
{
    /// <summary>Members of the population.</summary>
    public int Population { get; init; } = 1000;

    /// <summary>Simulations from which the first population is chosen, as many times the population; its closest are kept.</summary>
    public int InitialFactor { get; init; } = 5;

    /// <summary>ε at which it ends; null: only acceptance and generations end it.</summary>
    public double? Tolerance { get; init; }

    /// <summary>The next generation's ε: this share of the members is closer. Beaumont et al. 2009 take the median to 90 %.</summary>
    public double Quantile { get; init; } = 0.5;

    /// <summary>Ends when fewer of the proposals are accepted: what is gained by a smaller ε no longer pays for its simulations.</summary>
    public double LeastAcceptance { get; init; } = 0.01;

    /// <summary>Generations at most.</summary>
    public int MaxGenerations { get; init; } = 20;

    /// <summary>Of everything random.</summary>
    public ulong Seed { get; init; } = 1;

    internal void Check()
    {
        Require(Population >= 10, nameof(Population), "≥ 10", Population);
        Require(InitialFactor >= 1, nameof(InitialFactor), "≥ 1", InitialFactor);
        Require(Tolerance is null or (> 0 and < double.PositiveInfinity), nameof(Tolerance), "> 0", Tolerance ?? 0);
        Require(Quantile is > 0 and < 1, nameof(Quantile), "in (0, 1)", Quantile);
        Require(LeastAcceptance is >= 0 and < 1, nameof(LeastAcceptance), "in [0, 1)", LeastAcceptance);
        Require(MaxGenerations >= 1, nameof(MaxGenerations), "≥ 1", MaxGenerations);
    }

    private static void Require(bool holds, string name, string expected, double value)
    {
        if (!holds)
            throw new ArgumentOutOfRangeException(
                name, FormattableString.Invariant($"PmcOptions: expected {name} {expected}, got {value}."));
    }
}

/// <summary>One generation of a population.</summary>
/// <param name="Number">From 0, the draws of the prior.</param>
/// <param name="Tolerance">ε of it: all members' distances are at most this.</param>
/// <param name="Acceptance">Accepted share of its proposals.</param>
/// <param name="EffectiveCount">Draws of equal weight that its members are worth.</param>
/// <param name="Simulations">All so far.</param>
public sealed record PmcGeneration(int Number, double Tolerance, double Acceptance, double EffectiveCount, long Simulations);

/// <summary>The last population and how it came about.</summary>
/// <param name="Posterior">Weighted members.</param>
/// <param name="Distances">Of the members.</param>
/// <param name="Generations">In order.</param>
public sealed record PmcResult(WeightedSamples Posterior, double[] Distances, IReadOnlyList<PmcGeneration> Generations);

/// <summary>
/// Approximate Bayesian computation whose draws learn: each generation is proposed about the members of the last one, under a smaller ε,
/// and weighted by the prior over the proposal's density. Beaumont, Cornuet, Marin and Robert 2009, "Adaptive approximate Bayesian
/// computation", section 3.
/// </summary>
/// <remarks>
/// Proposals are normal about a member, with twice the population's weighted covariance. One outside the prior is drawn again, its member
/// too: proposals then have the mixture's density up to a constant, which is all that weights need.
/// </remarks>
public static class PopulationMonteCarlo
{
    private const int MostOutside = 10_000;

    /// <summary>Moves a population from the prior to the posterior.</summary>
    /// <param name="observed">Summaries of the data, (S).</param>
    /// <param name="prior">Of the parameters.</param>
    /// <param name="simulator">Summaries at parameters.</param>
    /// <param name="distance">From the observed summaries.</param>
    /// <param name="options">Population, tolerances, ends.</param>
    /// <param name="progress">Receives each generation.</param>
    /// <param name="cancellation">Ends it with the last whole generation.</param>
    public static PmcResult Run(
        double[] observed, IPrior prior, SummarySimulator simulator, SummaryDistance distance, PmcOptions? options = null,
        IProgress<PmcGeneration>? progress = null, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(observed);
        ArgumentNullException.ThrowIfNull(prior);
        ArgumentNullException.ThrowIfNull(simulator);
        ArgumentNullException.ThrowIfNull(distance);
        options ??= new PmcOptions();
        options.Check();
        var size = options.Population;
        var batch = 0L;

        // Generation 0: the closest of the prior's draws.
        var draws = Simulations.FromPrior(prior, options.Seed, 0, size * options.InitialFactor);
        var away = Distances(draws);
        var simulations = (long)draws.Length;
        var closest = Enumerable.Range(0, draws.Length).OrderBy(i => away[i]).Take(size).ToArray();
        var members = new WeightedSamples(closest.Select(i => draws[i]).ToArray());
        var distances = closest.Select(i => away[i]).ToArray();
        var generations = new List<PmcGeneration> { new(0, distances.Max(), (double)size / draws.Length, size, simulations) };
        progress?.Report(generations[0]);

        while (generations.Count <= options.MaxGenerations && !cancellation.IsCancellationRequested)
        {
            if (options.Tolerance is { } goal && generations[^1].Tolerance <= goal) break;
            var tolerance = Math.Max(options.Tolerance ?? 0, Percentile.Of(distances, 100 * options.Quantile));
            var kernel = new Kernel(members);
            var (accepted, acceptedAt, proposed) = (new List<double[]>(size), new List<double>(size), 0L);
            while (accepted.Count < size && !cancellation.IsCancellationRequested)
            {
                // The share that the last generation lets expect, so that few simulations are made in vain.
                var share = proposed == 0 ? Math.Max(options.Quantile / 2, 0.01) : Math.Max((double)accepted.Count / proposed, 0.01);
                var count = (int)Math.Clamp((size - accepted.Count) / share, 32, 20.0 * size);
                var proposals = Propose(kernel, members, proposed, count, generations.Count);
                var at = Distances(proposals);
                simulations += count;
                for (var i = 0; i < count; i++)
                {
                    proposed++;
                    if (at[i] <= tolerance)
                    {
                        accepted.Add(proposals[i]);
                        acceptedAt.Add(at[i]);
                    }
                    if (accepted.Count == size) break; // the rest of the batch is not looked at, so that the share is not biased
                }
                if (proposed > size && (double)accepted.Count / proposed < options.LeastAcceptance) break;
            }
            if (accepted.Count < size) break; // the generation before stands
            var weights = Weights(prior, kernel, members, accepted);
            members = new WeightedSamples(accepted.ToArray(), weights);
            distances = acceptedAt.ToArray();
            generations.Add(
                new PmcGeneration(generations.Count, tolerance, (double)size / proposed, members.EffectiveCount, simulations));
            progress?.Report(generations[^1]);
        }
        return new PmcResult(members, distances, generations);

        double[] Distances(double[][] parameters)
            => ApproximateBayesianComputation.Distances(observed, simulator, distance, options.Seed, batch++, parameters).Distances;

        double[][] Propose(Kernel kernel, WeightedSamples from, long first, int count, int generation)
        {
            var key = unchecked((long)Seeds.Derive(options.Seed, FormattableString.Invariant($"generation {generation}")));
            var cumulative = new double[from.Count];
            for (var (i, sum) = (0, 0.0); i < from.Count; i++) cumulative[i] = sum += from.Weights[i];
            var proposals = new double[count][];
            Parallel.For(0, count, i =>
            {
                var random = SeededRandom.For(key, first + i);
                for (var tries = 0; tries < MostOutside; tries++)
                {
                    var place = Array.BinarySearch(cumulative, random.NextDouble() * cumulative[^1]);
                    var theta = kernel.Around(from.Parameters[Math.Min(place < 0 ? ~place : place, from.Count - 1)], random);
                    if (double.IsNegativeInfinity(prior.LogDensity(theta))) continue;
                    proposals[i] = theta;
                    return;
                }
                throw new InvalidOperationException(
                    $"PopulationMonteCarlo: {MostOutside} proposals in a row were outside the prior. Widen it, or start with more draws.");
            });
            return proposals;
        }
    }

    private static double[] Weights(IPrior prior, Kernel kernel, WeightedSamples from, List<double[]> accepted)
    {
        var logs = new double[accepted.Count];
        Parallel.For(0, logs.Length, i => logs[i] = prior.LogDensity(accepted[i]) - Math.Log(kernel.Density(from, accepted[i])));
        var largest = logs.Max();
        return logs.Select(log => Math.Exp(log - largest)).ToArray();
    }

    /// <summary>A normal kernel of twice the members' covariance.</summary>
    private sealed class Kernel
    {
        private readonly double[][] _factor, _inverse;

        public Kernel(WeightedSamples members)
        {
            var covariance = Matrix<double>.Build.DenseOfRowArrays(members.Covariance()) * 2;
            // Members that are all alike in one direction still have to move.
            for (var p = 0; p < covariance.RowCount; p++) covariance[p, p] = Math.Max(covariance[p, p] * (1 + 1e-9), 1e-300);
            var factor = covariance.Cholesky().Factor;
            (_factor, _inverse) = (factor.ToRowArrays(), factor.Inverse().ToRowArrays());
        }

        public double[] Around(double[] centre, SeededRandom random)
        {
            var normal = centre.Select(_ => random.NextNormal()).ToArray();
            var theta = (double[])centre.Clone();
            for (var p = 0; p < theta.Length; p++)
            {
                for (var q = 0; q <= p; q++) theta[p] += _factor[p][q] * normal[q];
            }
            return theta;
        }

        /// <summary>Σ w K(θ | member), up to a constant factor.</summary>
        public double Density(WeightedSamples members, double[] theta)
        {
            var sum = 0.0;
            for (var i = 0; i < members.Count; i++)
            {
                var square = 0.0;
                for (var p = 0; p < theta.Length; p++)
                {
                    var z = 0.0;
                    for (var q = 0; q <= p; q++) z += _inverse[p][q] * (theta[q] - members.Parameters[i][q]);
                    square += z * z;
                }
                sum += members.Weights[i] * Math.Exp(-square / 2);
            }
            return sum;
        }
    }
}
