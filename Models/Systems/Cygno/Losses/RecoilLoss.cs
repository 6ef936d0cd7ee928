using Hybrid;

namespace Hybrid.Models.Systems.Cygno;

/// <summary>The cross-entropy of a recoil's kind and energy as one of C classes, the mean over the batch.</summary>
[Loss(Dims = "B:batch, C")]
public partial class RecoilLoss
{
    [Spec]
    internal static Sym Value([Shape("B, C")] Sym logits, [Shape("B"), Int64] Sym label) => logits.CrossEntropy(label);
}
