using Hybrid;

namespace Hybrid.Models.Systems.Cygno;

/// <summary>The mean absolute error of energies, in units of 30 keV.</summary>
[Loss(Dims = "B:batch")]
public partial class RecoilEnergyAbsolute
{
    [Spec]
    internal static Sym Value([Shape("B")] Sym energy, [Shape("B")] Sym truth) => energy.L1(truth);
}
