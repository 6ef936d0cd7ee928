using Hybrid;

namespace Hybrid.Models.Systems.Blase;

/// <summary>
/// Twice the negative log-likelihood of normal distributions, up to a constant: mean(ln σ² + (y − μ)²/σ²). Nix and Weigend 1994.
/// The factor 2 is BlaSE's: with Adam it sets how much the weight decay weighs.
/// </summary>
[Loss(Dims = "B:batch")]
[Derive(Variant.Ensemble)]
public partial class PeakNll
{
    [Spec]
    internal static Sym Value([Shape("B")] Sym mean, [Shape("B"), Positive] Sym variance, [Shape("B")] Sym target)
        => (variance.Log() + ((target - mean).Square() / variance)).Mean();
}
