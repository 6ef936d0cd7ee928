using System;
using System.Collections.Generic;
using System.Globalization;
using System.IO;
using System.Linq;
using System.Threading;
using Hybrid.Data.Formats;
using Hybrid.Data.Images;
using Hybrid.Data.Systems.Cygno;
using Hybrid.Models.Systems.Cygno;
using Hybrid.Models.Training;
using Hybrid.Models.Weights;
using static TorchSharp.torch;

namespace Hybrid.Samples.Cygno;

/// <summary>./hybrid cygno score: response and energy of images whose truth is not known.</summary>
internal static class Scoring
{
    private const int PieceSize = 100;

    public static int Run(string run, string[] places, string? output, Device device, CancellationToken stop)
    {
        var notes = RunDirectory.NotesOf<RecoilNotes>(run);
        using var network = RecoilNetworks.Create(notes.Network, notes.Classes.Count, device);
        WeightFile.Load(network, Path.Combine(run, "weights.safetensors"));
        network.eval();
        using var reading = new RecoilReading(network, notes.Classes, notes.AreEnergiesKnown, device);
        var paths = places.SelectMany(Files).ToArray();
        if (paths.Length == 0) throw new InvalidDataException($"{string.Join(", ", places)}: expected PNG images, found none.");
        var (scored, left) = (new List<(string Path, double Response, double Score, double EnergyKeV)>(), 0);
        foreach (var piece in paths.Chunk(PieceSize))
        {
            stop.ThrowIfCancellationRequested();
            var read = Png.ReadReadable(piece);
            foreach (var file in read.Broken) Console.Error.WriteLine($"cygno: left out {file}");
            left += read.Broken.Count;
            if (read.Indices.Count == 0) continue;
            var images = RecoilSet.Preprocessing.Apply(ImageSet.OfArray(read.Pixels, "light"), 0);
            using var scope = NewDisposeScope();
            var batch = new TensorBatch(
                ("image", tensor(images.Pixels, [images.Count, 1, images.Height, images.Width])),
                ("nuclear", zeros(images.Count, ScalarType.Int64)),
                ("energy", zeros(images.Count)));
            var predictions = RecoilPredictions.Of(reading, BatchSource.From(_ => [batch], 1), device);
            var response = predictions.Response;
            scored.AddRange(read.Indices.Select((at, i) => (piece[at], response[i], predictions.Score[i], predictions.EstimatedKeV[i])));
        }
        string[] names = ["path", "response", "score", "estimated_kev"];
        string[][] columns =
        [
            [.. scored.Select(row => row.Path)], Digits(scored.Select(row => row.Response), 6), Digits(scored.Select(row => row.Score), 4),
            Digits(scored.Select(row => row.EnergyKeV), 3),
        ];
        if (output is null) Catalogue.Print(Console.Out, names, columns);
        else Catalogue.Write(output, names, columns);
        Console.Error.WriteLine($"{scored.Count} image{(scored.Count == 1 ? "" : "s")} scored, {left} left out");
        return scored.Count > 0 ? 0 : 1;
    }

    private static IEnumerable<string> Files(string place)
    {
        if (File.Exists(place) && place.EndsWith(".png", StringComparison.OrdinalIgnoreCase)) return [place];
        return Directory.EnumerateFiles(Archive.Folder(place), "*.png", SearchOption.AllDirectories).Order(StringComparer.Ordinal);
    }

    private static string[] Digits(IEnumerable<double> values, int digits)
        => [.. values.Select(value => value.ToString($"F{digits}", CultureInfo.InvariantCulture))];
}
