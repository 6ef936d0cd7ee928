using Hybrid;

namespace Hybrid.Models.Losses;

/// <summary>
/// −(1 − p)^γ ln p of the target's own class: what is classified well already counts little. Lin et al. 2017, eq. 4, of several classes.
/// </summary>
[Loss(Dims = "B:batch, C")]
[Derive(Variant.Ensemble, Variant.Tangent)]
public partial class Focal
{
    /// <summary>γ, the paper's best.</summary>
    public const double Gamma = 2;

    [Spec]
    internal static Sym Value([Shape("B, C")] Sym logits, [Shape("B"), Int64] Sym label)
    {
        var logarithm = logits.LogSoftmax().Gather(label.Unsqueeze(1)).Squeeze(1); // ln p
        return -((1 - logarithm.Exp()).Pow(Gamma) * logarithm).Mean();
    }
}
