using System;
using System.Collections.Generic;
using Hybrid.Data.Statistics;

namespace Hybrid.Models.Inference;

/// <summary>What is known of the parameters before the data: draws of it and its density.</summary>
public interface IPrior
{
    /// <summary>
    /// Lowest and highest value of each parameter, P of them, low &lt; high. Grids and figures cover this box; outside it the density is
    /// zero.
    /// </summary>
    IReadOnlyList<(double Low, double High)> Range { get; }

    /// <summary>One draw, (P), inside <see cref="Range"/>.</summary>
    /// <param name="random">Source of all randomness: the same state gives the same draw.</param>
    double[] Sample(SeededRandom random);

    /// <summary>
    /// ln p(θ), up to a constant that is the same for all θ; −∞ where p is zero.
    /// </summary>
    /// <param name="theta">(P).</param>
    double LogDensity(ReadOnlySpan<double> theta);
}
