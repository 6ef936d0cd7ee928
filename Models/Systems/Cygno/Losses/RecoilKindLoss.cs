using Hybrid;

namespace Hybrid.Models.Systems.Cygno;

/// <summary>
/// The exercise's loss: binary cross-entropy of the logit that a recoil is nuclear, the mean over the batch. With two logits, one for the
/// nucleus and one for the electron, the competition's.
/// </summary>
[Loss(Dims = "B:batch, K")]
public partial class RecoilKindLoss
{
    [Spec]
    internal static Sym Value([Shape("B, K")] Sym logit, [Shape("B, K")] Sym nuclear) => logit.BceWithLogits(nuclear);
}
