using Hybrid;

namespace Hybrid.Models.Losses;

/// <summary>
/// ½ e² where |e| ≤ δ, δ (|e| − ½ δ) beyond, e = prediction − target: outliers pull with a force that does not grow. Huber 1964, eq. 2.
/// </summary>
[Loss(Dims = "B:batch, D")]
[Derive(Variant.Ensemble, Variant.Tangent)]
public partial class Huber
{
    /// <summary>δ, in units of the target.</summary>
    public const double Delta = 1;

    [Spec]
    internal static Sym Value([Shape("B, D")] Sym prediction, [Shape("B, D")] Sym target)
    {
        var error = (prediction - target).Abs();
        return Sym.Where(error <= Delta, error.Square() / 2, Delta * (error - Delta / 2)).Mean();
    }
}
