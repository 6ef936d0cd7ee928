using System;
using System.Collections.Generic;
using System.Globalization;
using System.IO;
using System.Linq;
using System.Threading;
using Hybrid.Data.Lensing;
using Hybrid.Samples.CommandLine;
using static TorchSharp.torch;

namespace Hybrid.Samples.LensFinding;

/// <summary>./hybrid lens-finding score: probability and log odds of a lens in images whose truth is not known.</summary>
internal static class Scoring
{
    private const int PieceSize = 200;

    /// <summary>
    /// Scores whatever <see cref="LensImageList"/> lists, a piece at a time. What is scored stands in OUTPUT.part at once, and is not
    /// scored again with --resume; the table appears under its name when it is complete.
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
        var part = output + ".part";
        if (File.Exists(output)) throw new IOException($"--output: {Path.GetFullPath(output)} is there already. Choose another name.");
        if (File.Exists(part) && !resumes)
            throw new IOException(
                $"--output: {Path.GetFullPath(part)} is of a scoring that was interrupted. Give --resume, or remove it.");
        using var scorer = Finder.Scorer(finder, device);
        var settings = scorer.Settings;
        var lists = places.Select(place => LensImageList.Open(place, [.. settings.Bands])).ToArray();
        var done = Done(part);
        var (scored, left) = (done.Count, 0);
        using (var writer = new StreamWriter(part, append: true))
        {
            if (writer.BaseStream.Length == 0) writer.WriteLine("id,probability,score");
            foreach (var list in lists.Select(list => list.Where(entry => !done.Contains(Cell(entry.Id)))))
            {
                foreach (var (entries, images) in list.Pieces(settings.Size, zeroPoint ?? settings.ZeroPoint, PieceSize, reason =>
                {
                    left++;
                    Console.Error.WriteLine($"lens-finding: left out {reason}");
                }))
                {
                    stop.ThrowIfCancellationRequested();
                    var results = scorer.Score(scorer.Preprocessing.Apply(images.ToZeroPoint(settings.ZeroPoint), 0));
                    for (var i = 0; i < entries.Length; i++)
                    {
                        var (probability, odds) = (results[2 * i], results[(2 * i) + 1]);
                        writer.WriteLine(string.Create(
                            CultureInfo.InvariantCulture, $"{Cell(entries[i].Id)},{probability:0.000000},{odds:0.0000}"));
                        scored++;
                    }
                    writer.Flush();
                }
            }
        }
        if (scored == 0)
        {
            File.Delete(part);
            throw new InvalidDataException($"{string.Join(", ", places)}: expected images, found none that can be read.");
        }
        File.Move(part, output);
        Console.WriteLine($"{Plural.Of(scored, "image")} scored in {output}, {left} left out");
        return 0;
    }

    /// <summary>Cells of the ids that an interrupted scoring wrote; a line that it was writing is cut off.</summary>
    private static HashSet<string> Done(string part)
    {
        if (!File.Exists(part)) return [];
        var text = File.ReadAllText(part);
        var whole = text[..(text.LastIndexOf('\n') + 1)];
        if (whole.Length < text.Length) File.WriteAllText(part, whole);
        return whole.Split('\n', StringSplitOptions.RemoveEmptyEntries).Skip(1)
            .Select(line => line[..line.LastIndexOf(',', line.LastIndexOf(',') - 1)]).ToHashSet();
    }

    /// <summary>An id as a cell of a CSV file.</summary>
    private static string Cell(string id)
        => id.AsSpan().IndexOfAny(",\"\n") < 0 ? id : $"\"{id.Replace("\"", "\"\"", StringComparison.Ordinal).Replace('\n', ' ')}\"";
}
