using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Threading;
using Hybrid.Data.Systems.Cygno;
using Hybrid.Models.Evaluation;
using Hybrid.Models.Systems.Cygno;
using TorchSharp;
using static TorchSharp.torch;

namespace Hybrid.Samples.Cygno;

/// <summary>
/// ./hybrid cygno realism: what the two networks that lophy95 trained on the experiment's own simulation say of the images of this one.
/// </summary>
internal static class Realism
{
    /// <summary>Their published figures, on the simulation they were trained on.</summary>
    private const string Original = "on the simulation they were trained on: AUC 0.9988, MAE 1.05 keV";

    public static int Print(string folder, double[] energies, int perClass, long seed, Device device, CancellationToken stop)
    {
        using var ofKind = PublishedRecoilWeights.Load(Path.Combine(folder, "lophy95_classification.npz"), device);
        using var ofEnergy = PublishedRecoilWeights.Load(Path.Combine(folder, "lophy95_regression.npz"), device);
        var (scores, nuclear, errors) = (new List<double>(), new List<bool>(), new List<double>());
        Console.WriteLine("what lophy95's networks say of simulated images");
        Console.WriteLine("kind      keV   called right   energy read, keV");
        foreach (var kind in (Recoil[])[Recoil.Electron, Recoil.Nuclear])
        {
            foreach (var energy in energies)
            {
                using var scope = NewDisposeScope();
                using var _ = no_grad();
                var batch = SimulatedImages.Of(
                    kind, energy, perClass, seed, scores.Count, RecoilBaselines.PublishedPreprocessing, device, stop);
                var logits = ofKind.forward(batch);
                var odds = (logits[TensorIndex.Colon, 0] - logits[TensorIndex.Colon, 1]).cpu().data<float>().ToArray();
                var read = ofEnergy.forward(batch).cpu().data<float>().ToArray();
                var right = odds.Average(odd => odd >= 0 == (kind == Recoil.Nuclear) ? 1.0 : 0);
                var deviation = Math.Sqrt(read.Average(value => Math.Pow(value - read.Average(), 2)));
                var name = kind == Recoil.Nuclear ? "nuclear" : "electron";
                Console.WriteLine(FormattableString.Invariant(
                    $"{name,-8} {energy,4:0.##}   {100 * right,9:0} %   {read.Average():0.0} ± {deviation:0.0}"));
                scores.AddRange(odds.Select(odd => (double)odd));
                nuclear.AddRange(Enumerable.Repeat(kind == Recoil.Nuclear, perClass));
                errors.AddRange(read.Select(value => Math.Abs(value - energy)));
            }
        }
        Console.WriteLine(FormattableString.Invariant(
            $"on these images: AUC {Roc.Area(scores.ToArray(), nuclear.ToArray())}, MAE {errors.Average():0.00} keV"));
        Console.WriteLine(Original);
        return 0;
    }
}
