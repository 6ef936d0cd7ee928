using Hybrid;

namespace Hybrid.Models.Adaptation;

/// <summary>
/// The squared distance of two sets' covariances, ‖C_s − C_t‖²_F/(4 F²), of F features. Sun and Saenko 2016, eq. 1. At least 0; blind to
/// their means.
/// </summary>
[Loss(Dims = "N:batch, M:batch, F", Where = "N >= 2, M >= 2")]
public partial class DeepCoral
{
    [Spec]
    internal static Sym Value([Shape("N, F")] Sym source, [Shape("M, F")] Sym target)
        => (source.Cov() - target.Cov()).Square().Mean() / 4;
}
