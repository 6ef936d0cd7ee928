using Hybrid;

namespace Hybrid.Models.Adaptation;

/// <summary>
/// Binary cross-entropy of the mean class probabilities of a batch against equal ones, the mean over classes: without it, self-ensembling
/// may call everything one class. French et al. 2018, section 3.4. Smallest, ln C + (C − 1)·ln(C/(C − 1)) over C, for equal probabilities.
/// </summary>
[Loss(Dims = "B:batch, C", Where = "C >= 2")]
public partial class ClassBalance
{
    // A class that no row is given has a finite loss.
    private const double Least = 1e-6;

    [Spec]
    internal static Sym Value([Shape("B, C")] Sym logits)
    {
        var share = logits.Softmax().Mean(0); // (C)
        var equal = (0 * share).Exp() / (0 * share).Exp().Sum(); // 1/C
        var present = share.Clamp(Least, 1).Log();
        var absent = (1 - share).Clamp(Least, 1).Log();
        return -(equal * present + (1 - equal) * absent).Mean();
    }
}
