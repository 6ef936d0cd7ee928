using Hybrid;

namespace Hybrid.Models.Adaptation;

/// <summary>
/// Cross-entropy against soft labels of rows whose largest probability reaches a threshold, the mean over all rows. Berthelot et al. 2022
/// (AdaMatch), eq. 6. No gradient passes through labels or threshold.
/// </summary>
[Loss(Dims = "B:batch, C")]
public partial class PseudoLabel
{
    [Spec]
    internal static Sym Value([Shape("B, C")] Sym logits, [Shape("B, C"), Probability] Sym label, [Shape("1")] Sym threshold)
    {
        var fixedLabel = label.Detach();
        var entropy = -(fixedLabel * logits.LogSoftmax()).Sum(1);
        var isSure = fixedLabel.Max(1) >= threshold.Detach().Broadcast();
        return Sym.Where(isSure, entropy, 0 * entropy).Mean();
    }
}
