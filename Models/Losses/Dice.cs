using Hybrid;

namespace Hybrid.Models.Losses;

/// <summary>
/// 1 − 2 Σ p t/(Σ p² + Σ t²) of each example, the mean of all: the overlap of a segmentation with its mask, however small that is.
/// Milletari et al. 2016, section 3.
/// </summary>
[Loss(Dims = "B:batch, H:spatial, W:spatial")]
[Derive(Variant.Ensemble, Variant.Tangent)]
public partial class Dice
{
    /// <summary>Added above and below, so that an empty mask that is found empty costs nothing; 1 as in most implementations.</summary>
    public const double Smooth = 1;

    [Spec]
    internal static Sym Value([Shape("B, H, W"), Probability] Sym probability, [Shape("B, H, W"), Probability] Sym mask)
    {
        var overlap = (probability * mask).Sum((1, 2));
        var whole = probability.Square().Sum((1, 2)) + mask.Square().Sum((1, 2));
        return (1 - (2 * overlap + Smooth) / (whole + Smooth)).Mean();
    }
}
