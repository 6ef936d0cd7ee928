using System;
using System.Collections.Generic;
using System.Linq;
using System.Text.Json.Serialization;
using Hybrid.Data.Cache;
using Hybrid.Data.Lensing;
using Hybrid.Data.Systems.LensFinding;
using Hybrid.Samples.CommandLine;

namespace Hybrid.Samples.LensFinding;

/// <summary>What the domains of a run are made of; options.json holds it as notes.</summary>
public sealed record DomainNotes(
    int Source, int Target, int Test, int Size, string Bands, int Folds, long Seed, bool SourceNoise, double Impostors, double Contrast,
    string Preprocessing, string Gap = "")
{
    /// <summary>In which respects the source is made to look as the target.</summary>
    [JsonIgnore]
    public GapMatch Matched
        => Gap.Split(' ', StringSplitOptions.RemoveEmptyEntries)
            .Aggregate(GapMatch.None, (all, one) => all | Enum.Parse<GapMatch>(one, ignoreCase: true));

    /// <summary>What a lens finder must know of them.</summary>
    [JsonIgnore]
    public ImageNotes Images => new(Bands, Size, Preprocessing);
}

/// <summary>How a domain looks, as tables show it.</summary>
public sealed record DomainGapRow(string Domain, string Magnitude, string Noise, string HalfLightRadius)
{
    public static DomainGapRow Of(string domain, DomainLook look)
        => new(
            domain, FormattableString.Invariant($"{look.Magnitude:0.00} ± {look.MagnitudeSpread:0.00}"),
            string.Join(", ", look.Noise.Select(noise => FormattableString.Invariant($"{noise:0.00}"))),
            FormattableString.Invariant($"{look.HalfLightRadius:0.0}"));
}

/// <summary>What the images of a lens finder are.</summary>
/// <param name="Bands">Their names, with blanks in between.</param>
/// <param name="Size">Width and height in pixels.</param>
/// <param name="Preprocessing">One of LensDomains.Preprocessings.</param>
public sealed record ImageNotes(string Bands, int Size, string Preprocessing);

/// <summary>The folder with LensPop's forecast and the survey's real galaxies, and the caches that are made of them.</summary>
internal sealed class DomainData(string? folder)
{
    private const string Forecast = "lenspop/lenses_DESc.txt";
    private readonly LensDataFolder _data = new(folder, Forecast);

    /// <summary>One fold's domains.</summary>
    public LensDomains Domains(DomainNotes notes, int fold)
    {
        RealGalaxy[] galaxies = [.. _data.FieldGalaxies(notes.Size), .. _data.StampGalaxies(notes.Size)];
        return new LensDomains(_data.Forecast(Forecast), galaxies, _data.Sources, new LensDomainOptions
        {
            Size = notes.Size, SourceCount = notes.Source, TargetCount = notes.Target, TestCount = notes.Test, Folds = notes.Folds,
            Fold = fold, Seed = notes.Seed, Bands = notes.Bands.Split(' '), SourceNoise = notes.SourceNoise,
            ImpostorShare = notes.Impostors, Match = notes.Matched,
            Selection = new ArcSelection(
                ArcSelection.Visible.Band, ArcSelection.Visible.LeastSignalToNoise, notes.Contrast),
        });
    }

    /// <summary>How source and target look, in a line each: what a comparison's gap is made of.</summary>
    public static IReadOnlyList<DomainGapRow> Gap(LensDomains domains)
    {
        var (source, target) = domains.Looks;
        var rows = new List<DomainGapRow> { DomainGapRow.Of("source", source), DomainGapRow.Of("target", target) };
        if (domains.Options.Match != GapMatch.None)
            rows.Insert(1, DomainGapRow.Of("source, matched", domains.MatchedLook));
        return rows;
    }

    /// <summary>A fold's three caches, and what the leak check says of them.</summary>
    public static (Cache Source, Cache Target, Cache Test) Caches(
        LensDomains domains, string preprocessing, string root, CommandProgram program)
    {
        Cache Make(LensPart part)
        {
            var progress = new CountProgress($"{part.ToString().ToLowerInvariant()}: simulated", domains.Count(part));
            return domains.Cache(root, part, LensDomains.Preprocess(preprocessing), progress, program.Stop);
        }

        var caches = (Source: Make(LensPart.Source), Target: Make(LensPart.Target), Test: Make(LensPart.Test));
        var parts = new List<(string, Cache)> { ("source", caches.Source), ("target", caches.Target), ("test", caches.Test) };
        Console.WriteLine(LensDomains.RequireNoLeak(parts));
        return caches;
    }
}
