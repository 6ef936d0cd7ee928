using Hybrid;

namespace Hybrid.Models.Losses;

/// <summary>
/// Gaussian negative log-likelihood of each example times its own σ^2β, through which no gradient passes: a mean is fitted where the
/// variance is large, too. Seitzer et al. 2022, eq. 5. β = 0 is the likelihood, β = 1 has the mean's gradient of squared errors.
/// </summary>
[Loss(Dims = "B:batch, D")]
[Derive(Variant.Ensemble)]
public partial class BetaNll
{
    /// <summary>β, the paper's recommendation.</summary>
    public const double Beta = 0.5;

    [Spec]
    internal static Sym Value([Shape("B, D")] Sym mean, [Shape("B, D"), Positive] Sym variance, [Shape("B, D")] Sym target)
    {
        var likelihood = (variance.Log() + (target - mean).Square() / variance) / 2;
        return (variance.Pow(Beta).Detach() * likelihood).Mean();
    }
}
