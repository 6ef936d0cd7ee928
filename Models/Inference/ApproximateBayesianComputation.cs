using System;
using System.Collections.Generic;
using System.Linq;
using System.Threading;
using TorchSharp;
using static TorchSharp.torch;

namespace Hybrid.Models.Inference;

/// <summary>How far an approximate Bayesian computation is.</summary>
/// <param name="Iteration">Batches done.</param>
/// <param name="Simulations">Simulations done.</param>
/// <param name="Accepted">Of them, by the smallest tolerance.</param>
public readonly record struct AbcProgress(int Iteration, long Simulations, int Accepted);

/// <summary>
/// Posteriors without a likelihood: parameters are drawn from the prior, and kept where their simulation comes close to the data.
/// Pritchard et al. 1999; with the summaries of an IMNN, Charnock, Lavaux and Wandelt 2018, section III D.
/// </summary>
public static class ApproximateBayesianComputation
{
    /// <summary>Draws, simulates and accepts.</summary>
    /// <param name="observed">Summaries of the data, (S).</param>
    /// <param name="prior">Of the parameters.</param>
    /// <param name="simulator">Summaries at parameters.</param>
    /// <param name="distance">From the observed summaries.</param>
    /// <param name="options">Tolerances, counts, seed.</param>
    /// <param name="progress">Receives each batch.</param>
    /// <param name="cancellation">Ends it after the running batch; what was accepted is the result.</param>
    /// <exception cref="ArgumentException">Shapes do not fit, or a summary or distance is not finite.</exception>
    public static AbcResult Run(
        double[] observed, IPrior prior, SummarySimulator simulator, SummaryDistance distance, AbcOptions options,
        IProgress<AbcProgress>? progress = null, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(observed);
        ArgumentNullException.ThrowIfNull(prior);
        ArgumentNullException.ThrowIfNull(simulator);
        ArgumentNullException.ThrowIfNull(distance);
        ArgumentNullException.ThrowIfNull(options);
        options.Check();
        var (largest, smallest) = (options.Tolerances.Max(), options.Tolerances.Min());
        var (parameters, summaries, distances) = (new List<double[]>(), new List<double[]>(), new List<double>());
        var (simulations, accepted, iteration, size) = (0L, 0, 0, Math.Min(options.BatchSize, options.LargestBatch));
        while (iteration < options.MaxIterations && !cancellation.IsCancellationRequested)
        {
            var draws = Simulations.FromPrior(prior, options.Seed, simulations, size);
            var (rows, away) = Distances(observed, simulator, distance, options.Seed, iteration, draws);
            for (var i = 0; i < size; i++)
            {
                if (!(away[i] < largest)) continue;
                parameters.Add(draws[i]);
                summaries.Add(rows[i]);
                distances.Add(away[i]);
                if (away[i] < smallest) accepted++;
            }
            simulations += size;
            iteration++;
            progress?.Report(new AbcProgress(iteration, simulations, accepted));
            if (options.MinAccepted is not { } wanted || accepted >= wanted) break;
            // A tenth more than the share accepted so far needs; where none was accepted, that share is small and not known.
            var needed = accepted == 0 ? double.PositiveInfinity : 1.1 * (wanted - accepted) * simulations / accepted;
            size = (int)Math.Clamp(Math.Min(needed, size * options.Growth), 1, options.LargestBatch);
        }
        return new AbcResult(
            options.Tolerances, parameters.ToArray(), summaries.ToArray(), distances.ToArray(), simulations, iteration,
            options.MinAccepted is not { } minimum || accepted >= minimum);
    }

    internal static (double[][] Summaries, double[] Distances) Distances(
        double[] observed, SummarySimulator simulator, SummaryDistance distance, ulong seed, long batch, double[][] parameters)
    {
        using var scope = NewDisposeScope();
        using var _ = no_grad();
        var rows = Simulations.At(simulator, seed, batch, parameters);
        if (rows.size(1) != observed.Length)
            throw new ArgumentException(
                $"ApproximateBayesianComputation: expected {Plural.Of(observed.Length, "summary", "summaries")} as of the data, "
                + $"the simulator gives {rows.size(1)}.");
        var away = distance(rows, tensor(observed)).to(ScalarType.Float64).contiguous().data<double>().ToArray();
        return away.Length == parameters.Length && away.All(one => one >= 0)
            ? (Simulations.Rows(rows), away)
            : throw new ArgumentException(
                $"ApproximateBayesianComputation: expected a distance ≥ 0 of each of {parameters.Length} simulations, got {away.Length}, "
                + $"the least {away.DefaultIfEmpty(double.NaN).Min()}.");
    }
}

/// <summary>What was accepted.</summary>
/// <param name="Tolerances">ε, as given.</param>
/// <param name="Parameters">Of all within the largest tolerance, (n, P).</param>
/// <param name="Summaries">Of their simulations, (n, S).</param>
/// <param name="Distances">(n).</param>
/// <param name="Simulations">All that were made.</param>
/// <param name="Iterations">Batches.</param>
/// <param name="ReachedMinimum">Whether the smallest tolerance accepted as many as were wanted.</param>
public sealed record AbcResult(
    IReadOnlyList<double> Tolerances, double[][] Parameters, double[][] Summaries, double[] Distances, long Simulations, int Iterations,
    bool ReachedMinimum)
{
    /// <summary>How many simulations came closer than a tolerance.</summary>
    public int CountAt(double tolerance) => Distances.Count(distance => distance < tolerance);

    /// <summary>The posterior at a tolerance, at most the largest that was given.</summary>
    /// <exception cref="InvalidOperationException">Nothing was accepted; the message says what came closest.</exception>
    public WeightedSamples At(double tolerance)
    {
        if (!(tolerance > 0) || tolerance > Tolerances.Max())
            throw new ArgumentOutOfRangeException(
                nameof(tolerance), $"AbcResult.At: expected a tolerance in (0, {Tolerances.Max()}], got {tolerance}.");
        var rows = Parameters.Where((_, i) => Distances[i] < tolerance).ToArray();
        return rows.Length > 0
            ? new WeightedSamples(rows)
            : throw new InvalidOperationException(FormattableString.Invariant(
                $"AbcResult.At: none of {Simulations} simulations came closer than ε = {tolerance}. ")
                + (Distances.Length > 0
                    ? FormattableString.Invariant($"The closest was at {Distances.Min():g4}: take a larger ε, or more simulations.")
                    : "Take a larger ε, more simulations, or a narrower prior."));
    }

    /// <summary>At the smallest tolerance.</summary>
    public WeightedSamples Posterior() => At(Tolerances.Min());
}
