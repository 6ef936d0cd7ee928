using System;
using System.Collections.Generic;
using System.Linq;
using Hybrid.Data.Statistics;

namespace Hybrid.Models.Inference;

/// <summary>Draws of a posterior, each with a weight.</summary>
public sealed record WeightedSamples
{
    /// <param name="parameters">(n, P), n ≥ 1.</param>
    /// <param name="weights">(n), ≥ 0 and not all zero; scaled to sum 1. Null: all alike.</param>
    /// <exception cref="ArgumentException">There is no draw, lengths differ, or a number is not finite.</exception>
    public WeightedSamples(double[][] parameters, double[]? weights = null)
    {
        ArgumentNullException.ThrowIfNull(parameters);
        if (parameters.Length == 0) throw new ArgumentException("WeightedSamples: expected at least one draw, got none.");
        if (weights is not null && weights.Length != parameters.Length)
            throw new ArgumentException($"WeightedSamples: expected a weight for each of {parameters.Length} draws, got {weights.Length}.");
        if (parameters.Any(row => row.Length != parameters[0].Length || !row.All(double.IsFinite)))
            throw new ArgumentException("WeightedSamples: expected finite draws of one length.");
        var sum = weights?.Sum() ?? parameters.Length;
        if (weights is not null && (!weights.All(weight => weight >= 0) || !(sum > 0) || !double.IsFinite(sum)))
            throw new ArgumentException("WeightedSamples: expected weights ≥ 0 with a finite sum above 0.");
        Parameters = parameters;
        Weights = weights is null
            ? Enumerable.Repeat(1.0 / parameters.Length, parameters.Length).ToArray()
            : weights.Select(weight => weight / sum).ToArray();
    }

    /// <summary>(n, P).</summary>
    public double[][] Parameters { get; }

    /// <summary>(n), sum 1.</summary>
    public double[] Weights { get; }

    /// <summary>How many.</summary>
    public int Count => Parameters.Length;

    /// <summary>Parameters, P.</summary>
    public int Dimension => Parameters[0].Length;

    /// <summary>(Σw)²/Σw²: how many equal draws would be worth as much. Kish 1965.</summary>
    public double EffectiveCount => 1 / Weights.Sum(weight => weight * weight);

    /// <summary>Σ w θ, (P).</summary>
    public double[] Mean()
    {
        var mean = new double[Dimension];
        for (var i = 0; i < Count; i++)
        {
            for (var p = 0; p < mean.Length; p++) mean[p] += Weights[i] * Parameters[i][p];
        }
        return mean;
    }

    /// <summary>Σ w (θ − mean)(θ − mean)ᵀ, (P, P).</summary>
    public double[][] Covariance()
    {
        var mean = Mean();
        var covariance = mean.Select(_ => new double[mean.Length]).ToArray();
        for (var i = 0; i < Count; i++)
        {
            for (var p = 0; p < mean.Length; p++)
            {
                for (var q = 0; q < mean.Length; q++)
                    covariance[p][q] += Weights[i] * (Parameters[i][p] - mean[p]) * (Parameters[i][q] - mean[q]);
            }
        }
        return covariance;
    }

    /// <summary>The value of a parameter below which a share of the weight lies.</summary>
    /// <param name="parameter">Its place, from 0.</param>
    /// <param name="share">In [0, 1].</param>
    public double Quantile(int parameter, double share)
    {
        if (!(share is >= 0 and <= 1))
            throw new ArgumentOutOfRangeException(nameof(share), $"WeightedSamples.Quantile: expected a share in [0, 1], got {share}.");
        var sum = 0.0;
        var ordered = Ordered(parameter);
        foreach (var (value, weight) in ordered)
        {
            sum += weight;
            if (sum >= share) return value;
        }
        return ordered[^1].Value;
    }

    /// <summary>
    /// The largest difference of a parameter's distribution from another one: Kolmogorov's distance, in [0, 1].
    /// </summary>
    /// <param name="parameter">Its place, from 0.</param>
    /// <param name="distribution">The other's cumulative distribution, rising from 0 to 1.</param>
    public double KolmogorovDistance(int parameter, Func<double, double> distribution)
    {
        ArgumentNullException.ThrowIfNull(distribution);
        var (sum, largest) = (0.0, 0.0);
        foreach (var (value, weight) in Ordered(parameter))
        {
            var other = distribution(value);
            largest = Math.Max(largest, Math.Abs(other - sum)); // the step's lower end
            sum += weight;
            largest = Math.Max(largest, Math.Abs(other - sum));
        }
        return largest;
    }

    /// <summary>The same between two sets of draws.</summary>
    public double KolmogorovDistance(int parameter, WeightedSamples other)
    {
        ArgumentNullException.ThrowIfNull(other);
        var ordered = other.Ordered(parameter);
        var cumulative = new double[ordered.Length + 1];
        for (var i = 0; i < ordered.Length; i++) cumulative[i + 1] = cumulative[i] + ordered[i].Weight;
        var values = ordered.Select(pair => pair.Value).ToArray();
        return KolmogorovDistance(parameter, value => cumulative[Above(values, value)]);
    }

    /// <summary>Draws of equal weight: systematic resampling, which picks each about count · weight times.</summary>
    /// <param name="count">How many, ≥ 1.</param>
    /// <param name="random">Of the one uniform number that this takes.</param>
    public WeightedSamples Resample(int count, SeededRandom random)
    {
        if (count < 1)
            throw new ArgumentOutOfRangeException(nameof(count), $"WeightedSamples.Resample: expected at least 1 draw, got {count}.");
        ArgumentNullException.ThrowIfNull(random);
        var (chosen, at, sum, offset) = (new double[count][], 0, Weights[0], random.NextDouble());
        for (var i = 0; i < count; i++)
        {
            var place = (i + offset) / count;
            while (sum < place && at < Count - 1) sum += Weights[++at];
            chosen[i] = Parameters[at];
        }
        return new WeightedSamples(chosen);
    }

    private (double Value, double Weight)[] Ordered(int parameter)
        => Parameters.Select((row, i) => (row[parameter], Weights[i])).OrderBy(pair => pair.Item1).ToArray();

    // How many of the sorted values are at most this one.
    private static int Above(double[] values, double value)
    {
        var (low, high) = (0, values.Length);
        while (low < high)
        {
            var middle = (low + high) / 2;
            if (values[middle] <= value) low = middle + 1; else high = middle;
        }
        return low;
    }
}
