using System;
using System.Collections.Generic;
using System.Linq;
using Hybrid.Data.Statistics;

namespace Hybrid.Models.Inference;

/// <summary>Every value in a box is as likely as any other.</summary>
public sealed class UniformPrior : IPrior
{
    private readonly (double Low, double High)[] _range;
    private readonly double _logDensity;

    /// <param name="range">Lowest and highest value of each parameter.</param>
    /// <exception cref="ArgumentException">There is no parameter, or a low end is not below its high end.</exception>
    public UniformPrior(params (double Low, double High)[] range)
    {
        _range = PriorRange.Checked("UniformPrior", range);
        _logDensity = -_range.Sum(side => Math.Log(side.High - side.Low));
    }

    /// <inheritdoc/>
    public IReadOnlyList<(double Low, double High)> Range => _range;

    /// <inheritdoc/>
    public double[] Sample(SeededRandom random) => _range.Select(side => random.Uniform(side.Low, side.High)).ToArray();

    /// <inheritdoc/>
    public double LogDensity(ReadOnlySpan<double> theta)
        => PriorRange.Holds(_range, theta) ? _logDensity : double.NegativeInfinity;
}
