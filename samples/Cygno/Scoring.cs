using System;
using System.Collections.Generic;
using System.Globalization;
using System.IO;
using System.Linq;
using System.Threading;
using Hybrid.Data.Formats;
using Hybrid.Data.Images;
using Hybrid.Data.Systems.Cygno;
using Hybrid.Models.Deployment;
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
        using var scorer = Load(run, device);
        var preprocessing = scorer.Preprocessing;
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
            var images = preprocessing.Apply(ImageSet.OfArray(read.Pixels, "light"), 0);
            var results = scorer.Score(images);
            scored.AddRange(read.Indices.Select((at, i) => (piece[at], results[3 * i], results[(3 * i) + 1], results[(3 * i) + 2])));
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

    /// <summary>The model of an archive, or of a run's folder.</summary>
    public static RecoilScorer Load(string place, Device device)
    {
        if (ModelArchive.Is(place)) return RecoilScorer.Load(ModelArchive.Open(place), device);
        var notes = RunDirectory.NotesOf<RecoilNotes>(place);
        var network = new RecoilNetwork(classes: notes.Classes.Count, device: device);
        WeightFile.Load(network, Path.Combine(place, "weights.safetensors"));
        return new RecoilScorer(network, [.. notes.Classes.Select(one => one.Nuclear)], RecoilSet.Preprocessing, device);
    }

    private static IEnumerable<string> Files(string place)
    {
        if (File.Exists(place) && place.EndsWith(".png", StringComparison.OrdinalIgnoreCase)) return [place];
        return Directory.EnumerateFiles(Archive.Folder(place), "*.png", SearchOption.AllDirectories).Order(StringComparer.Ordinal);
    }

    private static string[] Digits(IEnumerable<double> values, int digits)
        => [.. values.Select(value => value.ToString($"F{digits}", CultureInfo.InvariantCulture))];
}
