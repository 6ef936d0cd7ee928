using Hybrid;

namespace Hybrid.Models.Systems.Cygno;

/// <summary>
/// The negative log-likelihood of energies with the error σ that the network expects, each example times its own σ, through which no
/// gradient passes (<see cref="Hybrid.Models.Losses.BetaNll"/> with β = ½): high energies, whose errors are large, are fitted too.
/// Energies and σ in units of 30 keV.
/// </summary>
[Loss(Dims = "B:batch")]
public partial class RecoilEnergyNll
{
    [Spec]
    internal static Sym Value([Shape("B")] Sym energy, [Shape("B")] Sym logError, [Shape("B")] Sym truth)
    {
        var error = logError.Exp();
        return (error.Detach() * (logError + ((energy - truth) / error).Square() / 2)).Mean();
    }
}
