using System;

namespace Hybrid.Models.Systems.Imnn;

/// <summary>
/// The strength r(Λ₂) with which the covariance of the summaries is drawn to the identity. Livet, Charnock, Le Borgne and de Lapparent
/// 2021, eq. 13–15.
/// </summary>
public static class Regularisation
{
    /// <summary>
    /// α = −ln(ε(λ − 1) + ε²/(1 + ε)) / ε: the rate of r(Λ₂) = λΛ₂/(Λ₂ + exp(−αΛ₂)) that makes the strength fall off once
    /// the covariance is within ε of the identity.
    /// </summary>
    /// <param name="lambda">λ, the largest strength, &gt; 1.</param>
    /// <param name="epsilon">ε, how close to the identity, &gt; 0.</param>
    /// <exception cref="ArgumentOutOfRangeException">λ or ε is outside its range, or together they give no positive rate.</exception>
    public static double Rate(double lambda, double epsilon)
    {
        if (!(lambda > 1) || !double.IsFinite(lambda))
            throw new ArgumentOutOfRangeException(
                nameof(lambda), $"Regularisation: expected λ > 1 and finite, got {lambda}. The worked problem uses 10.");
        if (!(epsilon > 0) || !double.IsFinite(epsilon))
            throw new ArgumentOutOfRangeException(
                nameof(epsilon), $"Regularisation: expected ε > 0 and finite, got {epsilon}. The worked problem uses 0.1.");
        var rate = -Math.Log((epsilon * (lambda - 1)) + (epsilon * epsilon / (1 + epsilon))) / epsilon;
        return rate > 0
            ? rate
            : throw new ArgumentOutOfRangeException(nameof(epsilon), FormattableString.Invariant(
                $"Regularisation: λ = {lambda} and ε = {epsilon} give the rate α = {rate:g4}, which must be positive. ")
                + FormattableString.Invariant($"Make ε smaller (below about 1/λ = {1 / lambda:g3})."));
    }
}
