using System.Collections.Generic;

namespace Hybrid.Models.Systems.Imnn;

/// <summary>Training statistics at one point of a fit.</summary>
/// <param name="DetF">|F|, Fisher information of the summaries.</param>
/// <param name="DetC">|C|, covariance of the summaries.</param>
/// <param name="DetInverseC">|C⁻¹|.</param>
/// <param name="Distance">Λ₂ = ‖C − I‖ + ‖C⁻¹ − I‖ (Frobenius).</param>
/// <param name="Strength">r(Λ₂).</param>
public readonly record struct ImnnPoint(double DetF, double DetC, double DetInverseC, double Distance, double Strength);

/// <summary>One iteration of a fit.</summary>
/// <param name="Number">From 1, counted over all fits of this object.</param>
/// <param name="Training">Statistics of the training simulations with the weights before the update.</param>
/// <param name="Validation">Statistics of the validation simulations with the weights after it; null without a validation set.</param>
/// <param name="MaxDetF">Largest monitored |F| so far: validation's where there is one.</param>
/// <param name="Patience">Iterations since then that count.</param>
public sealed record ImnnIteration(int Number, ImnnPoint Training, ImnnPoint? Validation, double MaxDetF, int Patience)
{
    /// <summary>The |F| that stopping and the best weights follow.</summary>
    public double Monitored => (Validation ?? Training).DetF;
}

/// <summary>What a fit did.</summary>
/// <param name="Reason">Why it ended.</param>
/// <param name="Iterations">Iterations of this fit.</param>
/// <param name="MaxDetF">Largest monitored |F|.</param>
/// <param name="BestIteration">The iteration whose weights gave it.</param>
/// <param name="Statistics">Statistics with the weights that the network ended with.</param>
public sealed record FitResult(StopReason Reason, int Iterations, double MaxDetF, int BestIteration, FisherStatistics Statistics);

/// <summary>All iterations of an object's fits.</summary>
public sealed class ImnnHistory
{
    private readonly List<ImnnIteration> _iterations = [];

    public IReadOnlyList<ImnnIteration> Iterations => _iterations;

    internal void Add(ImnnIteration iteration) => _iterations.Add(iteration);
}
