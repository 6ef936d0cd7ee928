using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using Hybrid.Data.Cache;
using Hybrid.Data.Lensing;
using Hybrid.Data.Systems.LensFinding;
using Hybrid.Samples.CommandLine;

namespace Hybrid.Samples.LensFinding;

/// <summary>A user's own images in place of the simulated domains.</summary>
/// <param name="Source">List of labelled images.</param>
/// <param name="Target">List of the survey's images, labelled or not.</param>
/// <param name="Test">List of labelled images of the survey that judge; null to take a fold of the target's, where it has folds.</param>
/// <param name="SourceZeroPoint">Magnitude of a pixel value of 1 in the source's files.</param>
/// <param name="TargetZeroPoint">The same of the target's and the test's.</param>
internal sealed record OwnImages(string Source, string Target, string? Test, double SourceZeroPoint, double TargetZeroPoint)
{
    /// <summary>Caches of the parts, and what the leak check says of them; no test part where no labelled one is named.</summary>
    /// <param name="images">What the images shall be.</param>
    /// <param name="fold">Which fold of the target judges, where it has folds.</param>
    /// <param name="needsTargetLabels">Whether the target's labels train.</param>
    /// <param name="root">Folder of caches.</param>
    /// <param name="program">For its cancellation.</param>
    public (Cache Source, Cache Target, Cache? Test) Caches(
        ImageNotes images, int fold, bool needsTargetLabels, string root, CommandProgram program)
    {
        string[] bands = images.Bands.Split(' ');
        var source = LensImageList.Open(Source, bands);
        if (!source.HasLabels)
            throw new InvalidDataException($"{Source}: expected a label for each image, a CSV file with the columns path and target.");
        if (source.Entries.Select(entry => entry.Label).Distinct().Count() < 2)
            throw new InvalidDataException($"{Source}: expected lenses and non-lenses, got targets of {source.Entries[0].Label} alone.");
        var target = LensImageList.Open(Target, bands);
        var test = Test is null ? null : LensImageList.Open(Test, bands);
        var folds = target.Entries.Select(entry => entry.Fold).Where(number => number >= 0).Distinct().Order().ToArray();
        if (test is null && folds.Length > 0)
        {
            if (!folds.Contains(fold))
                throw new ArgumentException($"--fold: expected one of {string.Join(", ", folds)} of {Target}, got {fold}.");
            (test, target) = (target.Where(entry => entry.Fold == fold), target.Where(entry => entry.Fold != fold));
        }
        if (test is { HasLabels: false })
            throw new InvalidDataException($"{test.Place}: expected a label for each image that judges, column target.");
        if (needsTargetLabels && !target.HasLabels)
            throw new InvalidDataException(
                $"{Target}: expected a label for each image, column target: the supervised bound trains on them.");

        var recipe = LensDomains.Preprocess(images.Preprocessing);
        Cache Make(LensImageList list, string part, double zeroPoint)
        {
            var left = 0;
            var cache = list.Cache(
                root, part, images.Size, zeroPoint, recipe,
                reason =>
                {
                    // The first few say what is wrong with all.
                    if (left++ < 10) Console.Error.WriteLine($"lens-finding: left out {reason}");
                },
                new CountProgress($"{part}: read", list.Count), program.Stop);
            if (left > 10) Console.Error.WriteLine($"lens-finding: left out {left} of {Plural.Of(list.Count, "image")} of {list.Place}");
            return cache;
        }

        var caches = (
            Source: Make(source, "source", SourceZeroPoint), Target: Make(target, "target", TargetZeroPoint),
            Test: test is null ? null : Make(test, "test", TargetZeroPoint));
        var parts = new List<(string, Cache)> { ("source", caches.Source), ("target", caches.Target) };
        if (caches.Test is not null) parts.Add(("test", caches.Test));
        Console.WriteLine(LensDomains.RequireNoLeak(parts));
        return caches;
    }
}
