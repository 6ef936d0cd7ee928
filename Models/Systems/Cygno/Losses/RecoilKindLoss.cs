using Hybrid;

namespace Hybrid.Models.Systems.Cygno;

/// <summary>The exercise's loss: binary cross-entropy of the logit that a recoil is nuclear, the mean over the batch.</summary>
[Loss(Dims = "B:batch")]
public partial class RecoilKindLoss
{
    [Spec]
    internal static Sym Value([Shape("B, 1")] Sym logit, [Shape("B, 1")] Sym nuclear) => logit.BceWithLogits(nuclear);
}
