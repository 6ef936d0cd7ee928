using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using Hybrid.Data.Formats;
using Hybrid.Data.Images;

namespace Hybrid.Samples.CommandLine;

/// <summary>Cut-outs of a survey that a command was given, some at a time.</summary>
/// <param name="Ids">A name an image: its file, or file:row of an array.</param>
/// <param name="Read">Reads them.</param>
public sealed record ImagePiece(IReadOnlyList<string> Ids, Func<ImageSet> Read)
{
    private const int Size = 200;

    /// <summary>
    /// Pieces of images of one size: FITS files, each a cube (bands, rows, columns) or an image extension a band, and npy arrays (images,
    /// bands, rows, columns); folders are searched for both.
    /// </summary>
    /// <param name="places">Files and folders.</param>
    /// <param name="bands">Of the images, in the order of the files.</param>
    /// <param name="leaveOut">Receives what is wrong with a FITS file that cannot be read; the others are read.</param>
    /// <exception cref="IOException">A place is not there.</exception>
    /// <exception cref="InvalidDataException">An array has another shape.</exception>
    public static IEnumerable<ImagePiece> Of(IReadOnlyList<string> places, IReadOnlyList<string> bands, Action<string> leaveOut)
    {
        ArgumentNullException.ThrowIfNull(places);
        ArgumentNullException.ThrowIfNull(bands);
        ArgumentNullException.ThrowIfNull(leaveOut);
        string[] names = [.. bands];
        foreach (var path in places.SelectMany(Files).Where(path => Ends(path, ".npy")))
        {
            var array = Npy.Read(path);
            if (array.Rank != 4 || array.Shape[1] != names.Length)
                throw new InvalidDataException($"{path}: expected (images, {names.Length} bands, rows, columns), got rank {array.Rank}.");
            var all = ImageSet.OfArray(array, names);
            for (var at = 0; at < all.Count; at += Size)
            {
                var rows = Enumerable.Range(at, Math.Min(Size, all.Count - at)).ToArray();
                yield return new ImagePiece([.. rows.Select(row => $"{path}:{row}")], () => all.Take(rows));
            }
        }
        foreach (var piece in places.SelectMany(Files).Where(path => !Ends(path, ".npy")).Chunk(Size))
        {
            var read = new List<(string Path, NdArray Planes, int Height, int Width)>();
            foreach (var path in piece)
            {
                try
                {
                    read.Add(Cube(path, names.Length));
                }
                catch (Exception failure) when (failure is InvalidDataException or IOException)
                {
                    leaveOut(failure.Message);
                }
            }
            foreach (var same in read.GroupBy(one => (one.Height, one.Width)))
            {
                yield return new ImagePiece(
                    [.. same.Select(one => one.Path)],
                    () => new ImageSet([.. same.SelectMany(one => one.Planes.ToSingles())], names, same.Key.Height, same.Key.Width));
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
