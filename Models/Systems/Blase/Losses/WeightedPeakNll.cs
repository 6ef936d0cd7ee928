using Hybrid;

namespace Hybrid.Models.Systems.Blase;

/// <summary>
/// <see cref="PeakNll"/> with a weight for each sample: mean(w (ln σ² + (y − μ)²/σ²)). With w = σ^(2β), cut from the gradient, it is the
/// β-NLL of Seitzer et al. 2022, eq. 5, which keeps samples of large variance from being given up early; with the inverse density of labels
/// it is BlaST's (version 2).
/// </summary>
[Loss(Dims = "B:batch")]
[Derive(Variant.Ensemble)]
public partial class WeightedPeakNll
{
    [Spec]
    internal static Sym Value([Shape("B")] Sym mean, [Shape("B"), Positive] Sym variance, [Shape("B")] Sym target, [Shape("B")] Sym weight)
        => (weight * (variance.Log() + ((target - mean).Square() / variance))).Mean();
}
