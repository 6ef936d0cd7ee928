using System;
using System.Collections.Generic;
using System.Globalization;
using System.IO;
using System.Linq;
using System.Threading;
using Hybrid.Data.Formats;
using Hybrid.Data.Images;
using Hybrid.Data.Systems.LensFinding;
using Hybrid.Models.Systems.LensFinding;
using static TorchSharp.torch;

namespace Hybrid.Samples.LensFinding;

/// <summary>./hybrid lens-finding score: log odds and probability of images whose truth is not known.</summary>
internal static class Scoring
{
    private const int PieceSize = 200;

    /// <summary>
    /// Scores FITS files, each a cube (bands, rows, columns) or an image extension a band, and npy arrays (images, bands, rows, columns), a
    /// piece at a time. What is scored stands in OUTPUT.part at once, and is not scored again with --resume.
    /// </summary>
    public static int Run(
        string finder,
        string[] places,
        string output,
        double? zeroPoint,
        bool resumes,
        Device device,
        CancellationToken stop)
    {
        var (predictor, notes) = Finder.Load(finder, device);
        using var _ = predictor;
        var part = output + ".part";
        if (File.Exists(output)) throw new IOException($"--output: {Path.GetFullPath(output)} is there already. Choose another name.");
        if (File.Exists(part) && !resumes)
            throw new IOException(
                $"--output: {Path.GetFullPath(part)} is of a scoring that was interrupted. Give --resume, or remove it.");
        var done = File.Exists(part) ? File.ReadLines(part).Skip(1).Select(line => line[..line.LastIndexOf(',')]).ToHashSet() : [];
        var (scored, left) = (done.Count, 0);
        using (var writer = new StreamWriter(part, append: true))
        {
            if (writer.BaseStream.Length == 0) writer.WriteLine("id,score");
            foreach (var (ids, read) in Pieces(places, notes, broken =>
            {
                left++;
                Console.Error.WriteLine($"lens-finding: left out {broken}");
            }))
            {
                stop.ThrowIfCancellationRequested();
                if (ids.All(done.Contains)) continue;
                var images = Prepare(read(), notes, zeroPoint, ids[0]);
                using var scope = NewDisposeScope();
                using var none = no_grad();
                var batch = tensor(images.Pixels, [images.Count, images.BandCount, images.Height, images.Width], device: device);
                var scores = LensScores.Average(predictor, batch).cpu().to(ScalarType.Float64).data<double>().ToArray();
                for (var i = 0; i < ids.Count; i++)
                {
                    if (done.Contains(ids[i])) continue;
                    var probability = 1 / (1 + Math.Exp(-scores[i]));
                    writer.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{ids[i]},{probability:0.000000}"));
                    scored++;
                }
                writer.Flush();
            }
        }
        if (scored == 0)
        {
            File.Delete(part);
            throw new InvalidDataException(
                $"{string.Join(", ", places)}: expected FITS files or npy arrays of images, found none that can be read.");
        }
        File.Move(part, output);
        Console.WriteLine($"{scored} image{(scored == 1 ? "" : "s")} scored in {output}, {left} left out");
        return 0;
    }

    private static ImageSet Prepare(ImageSet images, FinderNotes notes, double? zeroPoint, string first)
    {
        if (images.Height < notes.Size || images.Width < notes.Size)
            throw new InvalidDataException(
                $"{first}: expected images of at least {notes.Size} × {notes.Size} pixels, got {images.Height} × {images.Width}.");
        var cut = Geometry.CentreCrop(images, notes.Size, notes.Size);
        var own = new ImageSet(cut.Pixels, cut.Bands, notes.Size, notes.Size, [.. cut.Bands.Select(_ => zeroPoint ?? notes.ZeroPoint)]);
        return LensDomains.Preprocess(notes.Preprocessing).Apply(own.ToZeroPoint(notes.ZeroPoint), 0);
    }

    private static IEnumerable<(IReadOnlyList<string> Ids, Func<ImageSet> Read)> Pieces(
        string[] places, FinderNotes notes, Action<string> leaveOut)
    {
        var bands = notes.Bands.Split(' ');
        foreach (var path in places.SelectMany(Files).Where(path => Ends(path, ".npy")))
        {
            var array = Npy.Read(path);
            if (array.Rank != 4 || array.Shape[1] != bands.Length)
                throw new InvalidDataException($"{path}: expected (images, {bands.Length} bands, rows, columns), got rank {array.Rank}.");
            var all = ImageSet.OfArray(array, bands);
            for (var at = 0; at < all.Count; at += PieceSize)
            {
                var rows = Enumerable.Range(at, Math.Min(PieceSize, all.Count - at)).ToArray();
                yield return ([.. rows.Select(row => $"{path}:{row}")], () => all.Take(rows));
            }
        }
        // Cut-outs of a survey may differ in size; a piece has one.
        foreach (var piece in places.SelectMany(Files).Where(path => !Ends(path, ".npy")).Chunk(PieceSize))
        {
            var read = new List<(string Path, NdArray Planes, int Height, int Width)>();
            foreach (var path in piece)
            {
                try
                {
                    read.Add(Cube(path, bands.Length));
                }
                catch (Exception failure) when (failure is InvalidDataException or IOException)
                {
                    leaveOut(failure.Message);
                }
            }
            foreach (var same in read.GroupBy(one => (one.Height, one.Width)))
            {
                yield return (
                    [.. same.Select(one => one.Path)],
                    () => new ImageSet([.. same.SelectMany(one => one.Planes.ToSingles())], bands, same.Key.Height, same.Key.Width));
            }
        }
    }

    private static (string Path, NdArray Planes, int Height, int Width) Cube(string path, int bands)
    {
        using var file = FitsFile.Open(path);
        var first = file.ReadImage(0).Pixels;
        if (first.Rank == 3 && first.Shape[0] == bands) return (path, first, first.Shape[1], first.Shape[2]);
        if (first.Rank != 2)
            throw new InvalidDataException(
                $"{path}: expected a cube of {bands} bands or an image extension a band, got rank {first.Rank}.");
        var planes = Enumerable.Range(0, bands).Select(band => file.ReadImage(band).Pixels.ToSingles()).ToArray();
        if (planes.Any(plane => plane.Length != first.Length))
            throw new InvalidDataException($"{path}: expected {bands} bands of one size.");
        var (height, width) = (first.Shape[0], first.Shape[1]);
        return (path, new NdArray<float>([bands, height, width], [.. planes.SelectMany(plane => plane)]), height, width);
    }

    private static IEnumerable<string> Files(string place)
    {
        if (File.Exists(place)) return [place];
        if (!Directory.Exists(place)) throw new IOException($"{Path.GetFullPath(place)} is not there.");
        return Directory.EnumerateFiles(place, "*", SearchOption.AllDirectories)
            .Where(path => Ends(path, ".fits") || Ends(path, ".fits.gz") || Ends(path, ".fit") || Ends(path, ".npy"))
            .Order(StringComparer.Ordinal);
    }

    private static bool Ends(string path, string ending) => path.EndsWith(ending, StringComparison.OrdinalIgnoreCase);
}
