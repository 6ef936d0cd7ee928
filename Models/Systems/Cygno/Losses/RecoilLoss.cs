using Hybrid;

namespace Hybrid.Models.Systems.Cygno;

/// <summary>
/// The cross-entropy of a recoil's kind and energy as one of C classes, plus w times the Huber loss of its energy as a share of 30 keV:
/// quadratic up to δ = 0.05 (1.5 keV), linear beyond. With d = |e − ê| it is written as the quadratic part of min(d, δ) and the rest.
/// </summary>
[Loss(Dims = "B:batch, C")]
public partial class RecoilLoss
{
    [Spec]
    internal static Sym Value(
        [Shape("B, C")] Sym logits,
        [Shape("B")] Sym share,
        [Shape("B"), Int64] Sym label,
        [Shape("B")] Sym energyShare)
    {
        var distance = (share - energyShare).Abs();
        var near = distance.Clamp(0, 0.05);
        var huber = 0.5 * near.Square() + 0.05 * (distance - near);
        return logits.CrossEntropy(label) + 20 * huber.Mean();
    }
}
