using System;
using System.Collections.Generic;
using System.Linq;
using Hybrid.Data.Statistics;

namespace Hybrid.Models.Inference;

/// <summary>Independent normal distributions of the parameters, each cut off at the ends of its range.</summary>
public sealed class NormalPrior : IPrior
{
    private const int MostTries = 100_000;
    private readonly double[] _mean, _deviation;
    private readonly (double Low, double High)[] _range;

    /// <param name="mean">(P).</param>
    /// <param name="deviation">(P), each &gt; 0.</param>
    /// <param name="range">Ends at which each is cut off; five deviations on both sides where it is not given.</param>
    /// <exception cref="ArgumentException">Lengths differ, a number is not finite, or a deviation is not above 0.</exception>
    public NormalPrior(double[] mean, double[] deviation, (double Low, double High)[]? range = null)
    {
        ArgumentNullException.ThrowIfNull(mean);
        ArgumentNullException.ThrowIfNull(deviation);
        if (mean.Length != deviation.Length || !mean.All(double.IsFinite) || !deviation.All(one => one > 0 && double.IsFinite(one)))
            throw new ArgumentException(
                "NormalPrior: expected as many finite means as deviations > 0, "
                + $"got means [{string.Join(", ", mean)}] and deviations [{string.Join(", ", deviation)}].");
        (_mean, _deviation) = ((double[])mean.Clone(), (double[])deviation.Clone());
        _range = PriorRange.Checked(
            "NormalPrior", range ?? mean.Zip(deviation, (m, d) => (m - (5 * d), m + (5 * d))).ToArray());
        if (_range.Length != mean.Length)
            throw new ArgumentException($"NormalPrior: expected a range for each of {mean.Length} parameters, got {_range.Length}.");
    }

    /// <inheritdoc/>
    public IReadOnlyList<(double Low, double High)> Range => _range;

    /// <inheritdoc/>
    /// <exception cref="InvalidOperationException">The range holds next to nothing of the distribution.</exception>
    public double[] Sample(SeededRandom random)
    {
        var theta = new double[_mean.Length];
        for (var p = 0; p < theta.Length; p++)
        {
            var tries = 0;
            do
            {
                if (++tries > MostTries)
                    throw new InvalidOperationException(
                        $"NormalPrior.Sample: no draw of {MostTries} of N({_mean[p]}, {_deviation[p]}²) was in "
                        + $"[{_range[p].Low}, {_range[p].High}]. Move the range to where the distribution is.");
                theta[p] = _mean[p] + (_deviation[p] * random.NextNormal());
            }
            while (theta[p] < _range[p].Low || theta[p] > _range[p].High);
        }
        return theta;
    }

    /// <inheritdoc/>
    public double LogDensity(ReadOnlySpan<double> theta)
    {
        if (!PriorRange.Holds(_range, theta)) return double.NegativeInfinity;
        var sum = 0.0;
        for (var p = 0; p < theta.Length; p++)
        {
            var z = (theta[p] - _mean[p]) / _deviation[p];
            sum -= z * z / 2;
        }
        return sum;
    }
}
