using System;
using System.Collections.Generic;
using Hybrid.Data.Statistics;

namespace Hybrid.Models.Inference;

/// <summary>Any prior that can be drawn from and whose density is known.</summary>
public sealed class DensityPrior : IPrior
{
    private readonly (double Low, double High)[] _range;
    private readonly Func<SeededRandom, double[]> _sample;
    private readonly Func<double[], double> _logDensity;

    /// <param name="range">Lowest and highest value of each parameter: draws outside are an error, the density there is zero.</param>
    /// <param name="sample">A draw, (P); called from several threads, each with a generator of its own.</param>
    /// <param name="logDensity">ln p(θ) up to a constant; called from several threads.</param>
    public DensityPrior(
        (double Low, double High)[] range, Func<SeededRandom, double[]> sample, Func<double[], double> logDensity)
    {
        ArgumentNullException.ThrowIfNull(sample);
        ArgumentNullException.ThrowIfNull(logDensity);
        (_range, _sample, _logDensity) = (PriorRange.Checked("DensityPrior", range), sample, logDensity);
    }

    /// <inheritdoc/>
    public IReadOnlyList<(double Low, double High)> Range => _range;

    /// <inheritdoc/>
    /// <exception cref="InvalidOperationException">The function's draw is of another length, or outside the range.</exception>
    public double[] Sample(SeededRandom random)
    {
        var theta = _sample(random);
        return PriorRange.Holds(_range, theta)
            ? theta
            : throw new InvalidOperationException(
                $"DensityPrior.Sample: expected a draw of {Plural.Of(_range.Length, "parameter")} inside "
                + $"{PriorRange.Text(_range)}, got [{string.Join(", ", theta)}].");
    }

    /// <inheritdoc/>
    public double LogDensity(ReadOnlySpan<double> theta)
        => PriorRange.Holds(_range, theta) ? _logDensity(theta.ToArray()) : double.NegativeInfinity;
}
