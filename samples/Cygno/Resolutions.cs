using System.Collections.Generic;
using System.Linq;
using System.Threading;
using Hybrid.Data.Systems.Cygno;
using Hybrid.Models.Systems.Cygno;
using Hybrid.Models.Training;
using static TorchSharp.torch;

namespace Hybrid.Samples.Cygno;

/// <summary>The energies that a network reads off simulated images of one energy each, beside the bound of Cramér and Rao.</summary>
internal static class Resolutions
{
    private const int Images = 250, PieceSize = 125;

    /// <summary>Electrons of 1 to 30 keV, and nuclei from 3 keV, whose light tells the energy.</summary>
    private static readonly (Recoil Kind, double KeV)[] _points =
    [
        .. from kind in (Recoil[])[Recoil.Electron, Recoil.Nuclear]
           from energy in (double[])[1, 3, 6, 10, 20, 30]
           where kind == Recoil.Electron || energy >= 3
           select (kind, energy),
    ];

    /// <summary>Bias and resolution at each point, of images that no set of this seed has.</summary>
    public static IReadOnlyList<RecoilEnergies> Of(RecoilReading reading, long seed, Device device, CancellationToken stop)
    {
        var likelihood = new RecoilLikelihood(64);
        return [.. _points.Select((point, place) => At(point.Kind, point.KeV, place))];

        RecoilEnergies At(Recoil kind, double energy, int place)
        {
            var estimates = new List<double>();
            for (var first = 0; first < Images; first += PieceSize)
            {
                using var scope = NewDisposeScope();
                using var _ = no_grad();
                var read = reading.Read(SimulatedImages.Of(
                    kind, energy, PieceSize, seed, (1L << 40) + (place * Images) + first, RecoilSet.Preprocessing, device, stop));
                estimates.AddRange(read.RegressedKeV.cpu().to(ScalarType.Float64).data<double>());
            }
            return RecoilEnergies.Of(kind == Recoil.Nuclear, energy, [.. estimates], likelihood.EnergyBound(kind, energy));
        }
    }
}
