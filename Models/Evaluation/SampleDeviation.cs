using System;
using System.Collections.Generic;
using System.Linq;

namespace Hybrid.Models.Evaluation;

/// <summary>How far runs of the same thing lie apart.</summary>
public static class SampleDeviation
{
    /// <summary>The sample's standard deviation, of n − 1; 0 of a single number.</summary>
    /// <exception cref="ArgumentException">There is no number.</exception>
    public static double Of(IReadOnlyList<double> values)
    {
        ArgumentNullException.ThrowIfNull(values);
        if (values.Count == 0) throw new ArgumentException("SampleDeviation: expected at least one number, got none.", nameof(values));
        var mean = values.Average();
        return values.Count < 2 ? 0 : Math.Sqrt(values.Sum(value => (value - mean) * (value - mean)) / (values.Count - 1));
    }
}
