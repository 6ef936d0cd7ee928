using Hybrid;

namespace Hybrid.Models.Systems.EinsteinRadius;

/// <summary>What features say of a radius.</summary>
public static class RadiusHeads
{
    private const double LeastVariance = 1e-4;

    /// <summary>
    /// The mean of ln(θ_E/1″) and its variance, above 10⁻⁴ (an error of one in a hundred). The logarithm, since errors are judged as shares
    /// of the radius.
    /// </summary>
    [Block]
    public static Sym Of(Sym features)
    {
        var both = features.Linear(2, key: "out");
        return both[.., 0..1].Cat(both[.., 1..2].Softplus() + LeastVariance, axis: 1);
    }
}
