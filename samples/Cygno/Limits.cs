using System;
using System.Linq;
using System.Threading;
using Hybrid.Data.Images;
using Hybrid.Data.Systems.Cygno;
using Hybrid.Models.Evaluation;

namespace Hybrid.Samples.Cygno;

/// <summary>./hybrid cygno limit: what the exact likelihood of simulated images allows.</summary>
internal static class Limits
{
    /// <summary>A recoil's light lies inside so many pixels each way.</summary>
    private const int Size = 64;

    /// <summary>Scores of preprocessed images, from their middle.</summary>
    public static double[] Scores(ImageSet images, (Recoil Kind, double EnergyKeV)[] classes)
    {
        var middle = new Recipe(ImageStep.CentreCrop(Size, Size)).Apply(images, 0);
        return RecoilLikelihood.Scores(new RecoilLikelihood(Size).LogLikelihoods(middle.Pixels, classes), classes);
    }

    public static int Print(int count, double[] energies, long seed, CancellationToken stop)
    {
        if (count < 4 * energies.Length)
            throw new ArgumentException($"--images: expected at least {4 * energies.Length}, two of each kind and energy, got {count}.");
        var set = RecoilSet.Simulated(new RecoilSimulator { Size = Size }, count, 1, 0, energies, seed);
        var window = new Recipe(ImageStep.Window(60, 130));
        var images = ImageSet.Concatenate([.. set.Pieces(256, stop).Select(piece => piece.Apply(window, 0).Images)]);
        var scores = Scores(images, [.. set.Classes]);
        var nuclear = set.Kinds.Select(kind => kind == Recoil.Nuclear).ToArray();
        Console.WriteLine($"all energies      AUC {Roc.Area(scores, nuclear)}");
        foreach (var energy in energies)
        {
            var places = Enumerable.Range(0, count).Where(i => set.EnergiesKeV[i] == energy).ToArray();
            var area = Roc.Area(places.Select(i => scores[i]).ToArray(), places.Select(i => nuclear[i]).ToArray());
            Console.WriteLine(FormattableString.Invariant($"{energy,6:0.##} keV        AUC {area}"));
        }
        Console.WriteLine("smallest standard deviation of an unbiased estimate of the energy (Cramér and Rao), keV:");
        var likelihood = new RecoilLikelihood(Size);
        foreach (var kind in (Recoil[])[Recoil.Electron, Recoil.Nuclear])
        {
            var bounds = energies.Where(energy => kind == Recoil.Electron || energy > 1.73)
                .Select(energy => FormattableString.Invariant($"{energy:0.##} keV: {likelihood.EnergyBound(kind, energy):0.00}"));
            Console.WriteLine($"{(kind == Recoil.Electron ? "electrons" : "nuclei")}  {string.Join("  ", bounds)}");
        }
        return 0;
    }
}
