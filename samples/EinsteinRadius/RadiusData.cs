using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using Hybrid.Data.Cache;
using Hybrid.Data.Lensing;
using Hybrid.Data.Systems.EinsteinRadius;
using Hybrid.Samples.CommandLine;

namespace Hybrid.Samples.EinsteinRadius;

/// <summary>What the data of a run are made of; options.json holds it as notes.</summary>
public sealed record RadiusNotes(
    int Training, int Adaptation, int Validation, int Test, int Size, long Seed, string Set, string Preprocessing,
    RealFiles? Challenge1 = null, RealFiles? Challenge2 = null);

/// <summary>Real files of a challenge in place of its simulations.</summary>
/// <param name="Folder">With the images.</param>
/// <param name="Catalogue">CSV file of truths.</param>
/// <param name="ZeroPoint">Magnitude of a pixel value of 1.</param>
public sealed record RealFiles(string Folder, string Catalogue, double ZeroPoint)
{
    /// <summary>The options of a challenge; null where none is given.</summary>
    public static RealFiles? Of(string name, string? folder, string? catalogue, double? zeroPoint)
    {
        if (folder is null && catalogue is null && zeroPoint is null) return null;
        if (folder is null || catalogue is null || zeroPoint is null)
            throw new ArgumentException(
                $"--{name}: expected --{name}, --{name}-catalogue and --{name}-zero-point together, got some of them.");
        if (!Path.Exists(folder)) throw new IOException($"--{name}: {Path.GetFullPath(folder)} is not there.");
        if (!File.Exists(catalogue)) throw new IOException($"--{name}-catalogue: {Path.GetFullPath(catalogue)} is not there.");
        return new RealFiles(folder, catalogue, zeroPoint.Value);
    }

    internal ChallengeFiles Files => new(Folder, Catalogue, ZeroPoint);
}

/// <summary>The folder with LensPop's forecasts and the survey's real galaxies, and the caches that are made of them.</summary>
internal sealed class RadiusData(string? folder)
{
    private const string Des = "lenspop/lenses_DESc.txt", Euclid = "lenspop/lenses_Euclid.txt";
    private readonly LensDataFolder _data = new(folder, Des, Euclid);

    /// <summary>The parts by the names that --training-set takes, the default first.</summary>
    public static IReadOnlyList<(string Name, RadiusPart Part)> Sets { get; } =
    [
        ("union", RadiusPart.Union), ("lenspop", RadiusPart.LensPop), ("challenge1", RadiusPart.Challenge1),
        ("challenge2", RadiusPart.Challenge2), ("challenge2-unmatched", RadiusPart.Challenge2Unmatched),
        ("injection", RadiusPart.Injection),
    ];

    /// <summary>A set by its name.</summary>
    public static RadiusPart SetNamed(string name)
        => Sets.Any(set => set.Name == name)
            ? Sets.First(set => set.Name == name).Part
            : throw new ArgumentException(
                $"--training-set: expected one of {string.Join(", ", Sets.Select(set => set.Name))}, got '{name}'.");

    /// <summary>One fold's parts.</summary>
    public RadiusDomains Domains(RadiusNotes notes, int fold)
        => new(
            _data.Forecast(Des), _data.Forecast(Euclid), _data.FieldGalaxies(notes.Size), _data.StampGalaxies(notes.Size), _data.Sources,
            new RadiusDomainOptions
            {
                Size = notes.Size, TrainingCount = notes.Training, AdaptationCount = notes.Adaptation, ValidationCount = notes.Validation,
                TestCount = notes.Test, Fold = fold, Seed = notes.Seed, Challenge1Files = notes.Challenge1?.Files,
                Challenge2Files = notes.Challenge2?.Files,
                LeftOut = broken => Console.Error.WriteLine($"einstein-radius: left out {broken}"),
            });
}

/// <summary>The caches of one fold, each made when it is first asked for and open until all are closed.</summary>
internal sealed class RadiusCaches(RadiusDomains domains, string root, CommandProgram program) : IDisposable
{
    private readonly Dictionary<(RadiusPart, string), Cache> _open = [];

    /// <summary>A part with a preprocessing.</summary>
    public Cache Of(RadiusPart part, string preprocessing)
    {
        if (_open.TryGetValue((part, preprocessing), out var open)) return open;
        var progress = new CountProgress($"{part.ToString().ToLowerInvariant()}: simulated", domains.Count(part));
        return _open[(part, preprocessing)] = domains.Cache(root, part, preprocessing, progress, program.Stop);
    }

    /// <summary>Compares all parts that are used with one preprocessing, and says what was found.</summary>
    public string RequireNoLeak(string preprocessing, IEnumerable<RadiusPart> training)
    {
        var parts = training.Append(RadiusPart.Adaptation).Append(RadiusPart.Validation).Append(RadiusPart.Test).Append(RadiusPart.Small)
            .Distinct().Select(part => (part.ToString().ToLowerInvariant(), Of(part, preprocessing))).ToArray();
        return RealLeaks.Require(parts, "test", "small");
    }

    public void Dispose()
    {
        foreach (IDisposable cache in _open.Values) cache.Dispose();
    }
}
