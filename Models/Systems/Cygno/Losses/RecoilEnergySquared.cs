using Hybrid;

namespace Hybrid.Models.Systems.Cygno;

/// <summary>The exercise's loss of energies: the mean squared error, in units of (30 keV)².</summary>
[Loss(Dims = "B:batch")]
public partial class RecoilEnergySquared
{
    [Spec]
    internal static Sym Value([Shape("B")] Sym energy, [Shape("B")] Sym truth) => energy.Mse(truth);
}
