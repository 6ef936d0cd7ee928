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
        using var network = new RecoilNetwork(classes: notes.Classes.Count, device: device);
        WeightFile.Load(network, Path.Combine(run, "weights.safetensors"));
        network.eval();
        var isNuclear = notes.Classes.Select(one => one.Nuclear).ToArray();
        var paths = places.SelectMany(Files).ToArray();
        if (paths.Length == 0) throw new InvalidDataException($"{string.Join(", ", places)}: expected PNG images, found none.");
        var (scored, left) = (new List<(string Path, double Response, double Score, double EnergyKeV)>(), 0);
        foreach (var piece in paths.Chunk(PieceSize))
        {
            stop.ThrowIfCancellationRequested();
            var (pixels, read) = Read(piece, ref left);
            if (read.Length == 0) continue;
            var images = RecoilSet.Preprocessing.Apply(ImageSet.OfArray(pixels, "light"), 0);
            using var scope = NewDisposeScope();
            var batch = new TensorBatch(
                ("image", tensor(images.Pixels, [images.Count, 1, images.Height, images.Width])),
                ("nuclear", zeros(images.Count, ScalarType.Int64)),
                ("energy", zeros(images.Count)));
            var predictions = RecoilPredictions.Of(network, isNuclear, BatchSource.From(_ => [batch], 1), device);
            scored.AddRange(read.Select((path, i) => (path, predictions.Response[i], predictions.Score[i], predictions.EstimatedKeV[i])));
        }
        var lines = scored.Select(row => string.Create(
            CultureInfo.InvariantCulture, $"{Quoted(row.Path)},{row.Response:0.000000},{row.Score:0.0000},{row.EnergyKeV:0.000}"));
        var text = string.Join('\n', lines.Prepend("path,response,score,estimated_kev")) + "\n";
        if (output is null) Console.Write(text);
        else WholeFile.WriteText(output, text);
        Console.Error.WriteLine($"{scored.Count} image{(scored.Count == 1 ? "" : "s")} scored, {left} left out");
        return scored.Count > 0 ? 0 : 1;
    }

    private static IEnumerable<string> Files(string place)
    {
        if (File.Exists(place) && place.EndsWith(".png", StringComparison.OrdinalIgnoreCase)) return [place];
        return Directory.EnumerateFiles(Archive.Folder(place), "*.png", SearchOption.AllDirectories).Order(StringComparer.Ordinal);
    }

    private static (NdArray<byte> Pixels, string[] Paths) Read(string[] paths, ref int left)
    {
        try
        {
            return (Png.ReadSet(paths), paths);
        }
        catch (BrokenFilesException failure)
        {
            foreach (var file in failure.Files) Console.Error.WriteLine($"cygno: left out {file}");
            left += failure.Files.Count;
            var broken = failure.Files.Select(file => file.Index).ToHashSet();
            var good = paths.Where((_, i) => !broken.Contains(i)).ToArray();
            return good.Length == 0 ? (new NdArray<byte>([0, 1, 1], []), []) : (Png.ReadSet(good), good);
        }
        catch (InvalidDataException failure)
        {
            foreach (var path in paths) Console.Error.WriteLine($"cygno: left out {path}");
            left += paths.Length;
            Console.Error.WriteLine($"cygno: {failure.Message}");
            return (new NdArray<byte>([0, 1, 1], []), []);
        }
    }

    private static string Quoted(string text) => text.AsSpan().IndexOfAny(",\"\n") < 0 ? text : $"\"{text.Replace("\"", "\"\"")}\"";
}
