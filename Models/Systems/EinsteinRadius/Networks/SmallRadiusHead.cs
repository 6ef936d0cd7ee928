using Hybrid;

namespace Hybrid.Models.Systems.EinsteinRadius;

/// <summary>Mean and variance of ln(θ_E/1″) of the features of <see cref="SmallRadiusEncoder"/>.</summary>
[Network(Dims = "B:batch")]
[Derive(Variant.Functional, Variant.Flipout)]
public partial class SmallRadiusHead
{
    [Spec]
    [return: Shape("B, 2")]
    internal static Sym Forward([Shape("B, 96")] Sym x) => RadiusHeads.Of(x);
}
