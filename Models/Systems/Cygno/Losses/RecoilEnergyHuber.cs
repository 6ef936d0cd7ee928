using Hybrid;

namespace Hybrid.Models.Systems.Cygno;

/// <summary>
/// The Huber loss of energies, quadratic up to 0.05 (1.5 keV), linear beyond; in units of 30 keV. Huber 1964, eq. 2.
/// </summary>
[Loss(Dims = "B:batch")]
public partial class RecoilEnergyHuber
{
    private const double Delta = 0.05;

    [Spec]
    internal static Sym Value([Shape("B")] Sym energy, [Shape("B")] Sym truth)
    {
        var error = (energy - truth).Abs();
        return Sym.Where(error <= Delta, error.Square() / 2, Delta * (error - Delta / 2)).Mean();
    }
}
