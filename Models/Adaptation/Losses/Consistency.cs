using Hybrid;

namespace Hybrid.Models.Adaptation;

/// <summary>
/// Squared difference of two networks' class probabilities, summed over classes, for the rows of which the teacher is sure; the mean over
/// all rows, sure or not. French et al. 2018, sections 3.2 and 3.3: unsure rows would teach noise.
/// </summary>
[Loss(Dims = "B:batch, C")]
public partial class Consistency
{
    /// <summary>Largest probability from which on a teacher is sure; found by the authors' search.</summary>
    public const double Threshold = 0.96837722;

    /// <summary>student, teacher: logits. No gradient passes through the teacher's.</summary>
    [Spec]
    internal static Sym Value([Shape("B, C")] Sym student, [Shape("B, C")] Sym teacher)
    {
        var taught = teacher.Softmax().Detach();
        var distance = (student.Softmax() - taught).Square().Sum(1);
        var isSure = taught.Max(1) > Threshold;
        return Sym.Where(isSure, distance, 0 * distance).Mean();
    }
}
