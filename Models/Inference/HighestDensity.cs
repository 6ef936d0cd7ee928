using System;
using System.Collections.Generic;
using System.Linq;

namespace Hybrid.Models.Inference;

/// <summary>Regions of highest density: the smallest that hold a given mass.</summary>
public static class HighestDensity
{
    /// <summary>
    /// The densities at whose contours regions end that hold the given masses: cells are taken from the densest on until they hold as
    /// much.
    /// </summary>
    /// <param name="density">At cells of one size, ≥ 0, at least one above 0.</param>
    /// <param name="masses">In (0, 1): 0.68 and 0.95 for one and two "sigmas".</param>
    /// <returns>A density for each mass: the region is where the density is at least that.</returns>
    public static double[] Levels(IReadOnlyList<double> density, params double[] masses)
    {
        ArgumentNullException.ThrowIfNull(density);
        ArgumentNullException.ThrowIfNull(masses);
        if (!masses.All(mass => mass is > 0 and < 1))
            throw new ArgumentOutOfRangeException(
                nameof(masses), $"HighestDensity.Levels: expected masses in (0, 1), got [{string.Join(", ", masses)}].");
        var total = density.Sum();
        if (!(total > 0) || !double.IsFinite(total) || density.Any(value => !(value >= 0)))
            throw new ArgumentException("HighestDensity.Levels: expected densities ≥ 0 with a finite sum above 0.", nameof(density));
        var sorted = density.OrderDescending().ToArray();
        return masses.Select(mass =>
        {
            var sum = 0.0;
            foreach (var value in sorted)
            {
                sum += value;
                if (sum >= mass * total) return value;
            }
            return sorted[^1];
        }).ToArray();
    }
}
