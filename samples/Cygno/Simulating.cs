using System;
using System.IO;
using System.Linq;
using System.Threading;
using Hybrid.Data.Systems.Cygno;
using Hybrid.Samples.CommandLine;

namespace Hybrid.Samples.Cygno;

/// <summary>./hybrid cygno simulate: a set in the exercise's folders.</summary>
internal static class Simulating
{
    private const int PieceSize = 200;

    /// <summary>Writes so many images of each kind and energy; the folder appears when it is complete.</summary>
    public static int Write(string folder, double[] energies, int perClass, int size, long seed, CancellationToken stop)
    {
        var simulator = new RecoilSimulator { Size = size };
        var part = folder + ".part";
        if (Directory.Exists(part)) Directory.Delete(part, recursive: true);
        (Recoil Kind, double Energy)[] classes =
            [.. from kind in (Recoil[])[Recoil.Electron, Recoil.Nuclear]
                from energy in energies
                from _ in Enumerable.Range(0, perClass)
                select (kind, energy)];
        for (var first = 0; first < classes.Length; first += PieceSize)
        {
            var piece = classes.Skip(first).Take(PieceSize).ToArray();
            var kinds = piece.Select(one => one.Kind).ToArray();
            var keV = piece.Select(one => one.Energy).ToArray();
            simulator.Simulate(kinds, keV, seed, first, stop).Write(part);
            if (!Console.IsErrorRedirected) Console.Error.Write($"\r{first + piece.Length} of {Plural.Of(classes.Length, "image")}");
        }
        if (!Console.IsErrorRedirected) Console.Error.WriteLine();
        if (Directory.Exists(folder)) Directory.Delete(folder);
        Directory.Move(part, folder);
        return classes.Length;
    }
}
