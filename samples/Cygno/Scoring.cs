using System;
using System.Collections.Generic;
using System.Globalization;
using System.IO;
using System.Linq;
using System.Threading;
using System.Threading.Tasks;
using Hybrid.Data.Formats;
using Hybrid.Data.Images;
using Hybrid.Data.Systems.Cygno;
using Hybrid.Models.Deployment;
using Hybrid.Models.Systems.Cygno;
using Hybrid.Models.Training;
using Hybrid.Models.Weights;
using Hybrid.Samples.CommandLine;
using static TorchSharp.torch;

namespace Hybrid.Samples.Cygno;

/// <summary>./hybrid cygno score: response and energy of images whose truth is not known.</summary>
internal static class Scoring
{
    private const int PieceSize = 100;

    public static int Run(string run, string[] places, string? output, Device device, CancellationToken stop)
    {
        using var scorer = Load(run, device);
        var preprocessing = new FramePreprocessing(scorer.Preprocessing);
        var paths = places.SelectMany(Files).ToArray();
        if (paths.Length == 0) throw new InvalidDataException($"{string.Join(", ", places)}: expected PNG images, found none.");
        var (scored, left) = (new List<(string Path, double[] Values)>(), 0);
        foreach (var piece in paths.Chunk(PieceSize))
        {
            stop.ThrowIfCancellationRequested();
            var images = new ImageSet?[piece.Length];
            var reasons = new string[piece.Length];
            Parallel.For(0, piece.Length, i => (images[i], reasons[i]) = Read(piece[i], preprocessing));
            foreach (var reason in reasons.Where(reason => reason.Length > 0)) Console.Error.WriteLine($"cygno: left out {reason}");
            var read = Enumerable.Range(0, piece.Length).Where(i => images[i] is not null).ToArray();
            left += piece.Length - read.Length;
            if (read.Length == 0) continue;
            var results = scorer.Score(ImageSet.Concatenate([.. read.Select(i => images[i]!)]));
            scored.AddRange(read.Zip(results.Chunk(scorer.Quantities.Count), (at, values) => (piece[at], values)));
        }
        string[] names = ["path", .. scorer.Quantities.Select(quantity => quantity.Name)];
        string[][] columns =
        [
            [.. scored.Select(row => row.Path)],
            .. scorer.Quantities.Select((quantity, place) => Digits(
                scored.Select(row => row.Values[place]), quantity.Unit.Length > 0 ? 3 : quantity.Name == "response" ? 6 : 4)),
        ];
        if (output is null) Catalogue.Print(Console.Out, names, columns);
        else Catalogue.Write(output, names, columns);
        Console.Error.WriteLine($"{Plural.Of(scored.Count, "image")} scored, {left} left out");
        return scored.Count > 0 ? 0 : 1;
    }

    /// <summary>One preprocessed image, or why there is none.</summary>
    private static (ImageSet? Image, string Reason) Read(string path, FramePreprocessing preprocessing)
    {
        try
        {
            return (preprocessing.ApplyPng(path, File.ReadAllBytes(path)), "");
        }
        catch (Exception failure) when (failure is InvalidDataException or IOException or UnauthorizedAccessException)
        {
            return (null, failure.Message);
        }
        catch (ArgumentException failure)
        {
            return (null, $"{path}: {failure.Message.Split(" (Parameter")[0]}");
        }
    }

    /// <summary>The model of an archive, or of a run's folder.</summary>
    public static RecoilScorer Load(string place, Device device)
    {
        if (ModelArchive.Is(place)) return RecoilScorer.Load(ModelArchive.Open(place), device);
        var notes = RunDirectory.NotesOf<RecoilNotes>(place);
        var network = RecoilNetworks.Create(notes.Network, notes.Classes.Count, device);
        RecoilNetworks.Load(network, Path.Combine(place, "weights.safetensors"));
        return new RecoilScorer(network, notes.Settings, RecoilSet.Preprocessing, device);
    }

    private static IEnumerable<string> Files(string place)
    {
        if (File.Exists(place) && place.EndsWith(".png", StringComparison.OrdinalIgnoreCase)) return [place];
        return Directory.EnumerateFiles(Archive.Folder(place), "*.png", SearchOption.AllDirectories).Order(StringComparer.Ordinal);
    }

    private static string[] Digits(IEnumerable<double> values, int digits)
        => [.. values.Select(value => value.ToString($"F{digits}", CultureInfo.InvariantCulture))];
}
