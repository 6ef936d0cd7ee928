using Hybrid;

namespace Hybrid.Models.Systems.Imnn;

/// <summary>
/// −ln|F| + r(Λ₂)·Λ₂: the Fisher information of S summaries about P parameters, with their covariance C drawn to the identity.
/// F = (∂μ/∂θ)ᵀ C⁻¹ (∂μ/∂θ), Λ₂ = ‖C − I‖ + ‖C⁻¹ − I‖ (Frobenius), r = λΛ₂/(Λ₂ + exp(−αΛ₂)).
/// Charnock, Lavaux and Wandelt 2018, eq. 9 and 14; the strength r as in Livet et al. 2021, eq. 13 (whose text misprints a minus).
/// Gradients flow through r as well.
/// </summary>
[Loss(Dims = "N:batch, S, P", Where = "N >= 2")]
public partial class ImnnLoss
{
    [Spec]
    internal static (Sym loss, Sym logDetF, Sym logDetC, Sym distance, Sym strength) Value(
        [Shape("N, S")] Sym summaries, [Shape("P, S")] Sym meanDerivative, [Shape("")] Sym lambda, [Shape("")] Sym alpha)
    {
        var covariance = summaries.Cov();
        var inverse = covariance.Inverse();
        var fisher = meanDerivative.MatMul(inverse).MatMul(meanDerivative.Transpose());
        var logDetF = fisher.LogDet();
        var logDetC = covariance.LogDet();
        var distance = covariance.AddDiagonal(-1).Frobenius() + inverse.AddDiagonal(-1).Frobenius();
        var strength = lambda * distance / (distance + (-alpha * distance).Exp());
        return (strength * distance - logDetF, logDetF, logDetC, distance, strength);
    }
}
