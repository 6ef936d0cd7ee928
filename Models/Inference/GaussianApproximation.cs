using System;
using System.Collections.Generic;
using System.Linq;
using Hybrid.Data.Statistics;
using MathNet.Numerics.LinearAlgebra;

namespace Hybrid.Models.Inference;

/// <summary>
/// The posterior as a normal distribution about an estimate, with the inverse Fisher information as its covariance, times the prior. The
/// quickest answer, and good where F does not change over the posterior's width.
/// </summary>
public sealed class GaussianApproximation
{
    private const int MostTries = 1000;
    private readonly double[] _estimate;
    private readonly IPrior _prior;
    private readonly Matrix<double> _precision, _factor;

    /// <param name="estimate">θ̂, (P).</param>
    /// <param name="inverseFisher">F⁻¹, (P, P), symmetric and positive definite.</param>
    /// <param name="prior">Of as many parameters.</param>
    /// <exception cref="ArgumentException">Sizes differ, a number is not finite, or F⁻¹ is not positive definite.</exception>
    public GaussianApproximation(double[] estimate, double[][] inverseFisher, IPrior prior)
    {
        ArgumentNullException.ThrowIfNull(estimate);
        ArgumentNullException.ThrowIfNull(inverseFisher);
        ArgumentNullException.ThrowIfNull(prior);
        var p = prior.Range.Count;
        if (estimate.Length != p || inverseFisher.Length != p || inverseFisher.Any(row => row.Length != p))
            throw new ArgumentException(
                $"GaussianApproximation: expected an estimate ({p}) and F⁻¹ ({p}, {p}) for a prior of {Plural.Of(p, "parameter")}, "
                + $"got ({estimate.Length}) and {Plural.Of(inverseFisher.Length, "row")}.");
        if (!estimate.All(double.IsFinite) || !inverseFisher.All(row => row.All(double.IsFinite)))
            throw new ArgumentException("GaussianApproximation: expected finite numbers.");
        (_estimate, _prior) = ((double[])estimate.Clone(), prior);
        var covariance = Matrix<double>.Build.DenseOfRowArrays(inverseFisher);
        try
        {
            _factor = covariance.Cholesky().Factor;
        }
        catch (ArgumentException failure)
        {
            throw new ArgumentException(
                "GaussianApproximation: expected a positive definite F⁻¹; this one is not the covariance of anything. "
                + "Use more simulations for the Fisher information.", nameof(inverseFisher), failure);
        }
        _precision = covariance.Inverse();
    }

    /// <summary>ln p(θ) up to a constant; −∞ outside the prior.</summary>
    public double LogDensity(double[] theta)
    {
        var prior = _prior.LogDensity(theta);
        if (double.IsNegativeInfinity(prior)) return prior;
        var away = Vector<double>.Build.Dense(theta.Zip(_estimate, (a, b) => a - b).ToArray());
        return prior - (away.DotProduct(_precision * away) / 2);
    }

    /// <summary>Draws: of the normal distribution, those inside the prior's range, weighted by its density.</summary>
    /// <param name="count">How many, ≥ 1.</param>
    /// <param name="seed">Of the draws.</param>
    /// <exception cref="InvalidOperationException">The estimate is so far outside the prior that next to no draw is inside.</exception>
    public WeightedSamples Sample(int count, ulong seed)
    {
        var random = new SeededRandom(unchecked((long)seed));
        var (inside, logs) = (new List<double[]>(count), new List<double>(count));
        for (var tries = 0L; inside.Count < count; tries++)
        {
            if (tries > (long)MostTries * count)
                throw new InvalidOperationException(
                    $"GaussianApproximation.Sample: only {inside.Count} of {Plural.Of(tries, "draw")} about "
                + $"[{string.Join(", ", _estimate)}] were "
                    + $"inside the prior {PriorRange.Text(_prior.Range.ToArray())}. Widen the prior, or look whether the data are what "
                    + "the network was trained on.");
            var normal = Vector<double>.Build.Dense(_estimate.Length, _ => random.NextNormal());
            var theta = (_factor * normal).Zip(_estimate, (a, b) => a + b).ToArray();
            var log = _prior.LogDensity(theta);
            if (double.IsNegativeInfinity(log)) continue;
            inside.Add(theta);
            logs.Add(log);
        }
        var largest = logs.Max();
        return new WeightedSamples(inside.ToArray(), logs.Select(log => Math.Exp(log - largest)).ToArray());
    }

    /// <summary>On a grid over the prior's range; of more than three parameters, from draws.</summary>
    /// <param name="cells">Of a parameter's grid.</param>
    public Marginals Marginals(int cells = 100)
        => _estimate.Length <= 3
            ? Inference.Marginals.Of(LogDensity, _prior.Range, cells)
            : Inference.Marginals.Of(Sample(100_000, 1), _prior.Range, cells, smoothing: 1);
}
