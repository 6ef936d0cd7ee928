using System;
using System.Collections.Generic;
using System.Linq;

namespace Hybrid.Models.Systems.EinsteinRadius;

/// <summary>
/// Deviations brought to what they shall mean: σ' = a σᵇ, with a and b of the largest Gaussian likelihood on real-like images that choose.
/// A network's own deviations are those of the images it is trained on, harder or easier than the survey's. Estimates stay as they are.
/// </summary>
/// <param name="Factor">a.</param>
/// <param name="Power">b, in [0, 2].</param>
public sealed record DeviationScale(double Factor, double Power)
{
    /// <summary>Fewer images say too little.</summary>
    public const int LeastImages = 30;

    private const int Halvings = 40;
    private const double LargestPower = 2;

    /// <summary>The names of the two numbers among what a technique learnt.</summary>
    public const string FactorName = "deviation factor", PowerName = "deviation power";

    /// <summary>Deviations as they are.</summary>
    public static DeviationScale None { get; } = new(1, 1);

    /// <summary>What a scaled deviation becomes.</summary>
    public double Of(double deviation) => Factor * Math.Pow(deviation, Power);

    /// <summary>The two numbers by their names.</summary>
    public IReadOnlyDictionary<string, double> Numbers => new Dictionary<string, double> { [FactorName] = Factor, [PowerName] = Power };

    /// <summary>Those of what a technique learnt; null where it has none.</summary>
    public static DeviationScale? Of(IReadOnlyDictionary<string, double> learnt)
    {
        ArgumentNullException.ThrowIfNull(learnt);
        return learnt.TryGetValue(FactorName, out var factor) && learnt.TryGetValue(PowerName, out var power) ? new(factor, power) : null;
    }

    /// <summary>Fits both: with u = ln a + b ln σ the loss Σ u + e² e^(−2u)/2 is convex, and exact in a for each b.</summary>
    /// <param name="errors">ln truth − ln estimate of each image.</param>
    /// <param name="deviations">The network's, &gt; 0.</param>
    /// <returns><see cref="None"/> of fewer than <see cref="LeastImages"/> images, or without an error.</returns>
    public static DeviationScale Fit(IReadOnlyList<double> errors, IReadOnlyList<double> deviations)
    {
        ArgumentNullException.ThrowIfNull(errors);
        ArgumentNullException.ThrowIfNull(deviations);
        if (errors.Count != deviations.Count)
            throw new ArgumentException(
                $"DeviationScale.Fit: expected a deviation for each of {errors.Count} errors, got {deviations.Count}.", nameof(deviations));
        if (errors.Count < LeastImages) return None;
        var squares = errors.Select(error => error * error).ToArray();
        if (squares.All(square => square == 0)) return None;
        // About their mean, so that the two numbers do not depend on each other.
        var logs = deviations.Select(deviation => Math.Log(deviation)).ToArray();
        var middle = logs.Average();
        var (low, high) = (0.0, LargestPower);
        for (var i = 0; i < Halvings; i++)
        {
            var half = (low + high) / 2;
            // By the power, the loss falls with Σ x e² e^(−2u), x = ln σ less its mean.
            if (Squares(half).Select((square, n) => square * (logs[n] - middle)).Sum() > 0) low = half;
            else high = half;
        }
        var power = (low + high) / 2;
        // Σ e² e^(−2u) = N.
        return new DeviationScale(Math.Sqrt(Squares(power).Average()) * Math.Exp(-power * middle), power);

        IEnumerable<double> Squares(double at) => squares.Select((square, n) => square * Math.Exp(-2 * at * (logs[n] - middle)));
    }
}
