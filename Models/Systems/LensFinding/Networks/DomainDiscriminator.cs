using Hybrid;

namespace Hybrid.Models.Systems.LensFinding;

/// <summary>Which domain 256 features come from. Tzeng et al. 2017.</summary>
[Network(Dims = "B:batch")]
[Derive(Variant.Functional, Variant.Ensemble, Variant.Flipout, Variant.Tangent)]
public partial class DomainDiscriminator
{
    [Spec]
    [return: Shape("B, 1")]
    internal static Sym Forward([Shape("B, 256")] Sym features) => features.Linear(128).PRelu().Linear(128).PRelu().Linear(1);
}
