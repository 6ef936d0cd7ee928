using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using Hybrid.Data.Lensing;

namespace Hybrid.Samples.CommandLine;

/// <summary>The folder with the survey's real galaxies and LensPop's forecasts that lens systems simulate from.</summary>
public sealed class LensDataFolder
{
    /// <summary>Where it is looked for without --data.</summary>
    public const string Variable = "HYBRID_LENS_DATA";

    private const string Fields = "des_fields", Stamps = "des_real";

    // Fields of 91 pixels are cut to this much more than an image before their own random cut: six pixels each way, and the half pixel
    // that their galaxies stand off the middle.
    private const int Margin = 12;

    private readonly Dictionary<string, LensPopRow[]> _forecasts;
    private readonly DesFields _fields;
    private readonly DesGalaxies _stamps;

    /// <param name="folder">--data; null where it is not given.</param>
    /// <param name="forecasts">Catalogues that a system needs beside the galaxies, below the folder.</param>
    /// <exception cref="ArgumentException">Neither the option nor the variable says where.</exception>
    /// <exception cref="IOException">Something is not there.</exception>
    public LensDataFolder(string? folder, params string[] forecasts)
    {
        ArgumentNullException.ThrowIfNull(forecasts);
        string[] needed = [.. forecasts, Fields, Stamps];
        var root = folder ?? Environment.GetEnvironmentVariable(Variable)
            ?? throw new ArgumentException(
                $"--data: expected the folder with {string.Join(", ", needed[..^1])} and {needed[^1]}; got none. "
                    + $"Give --data FOLDER, or set {Variable}.");
        if (needed.Select(name => Path.Combine(root, name)).FirstOrDefault(path => !Path.Exists(path)) is { } missing)
            throw new IOException($"--data: {Path.GetFullPath(missing)} is not there.");
        _forecasts = forecasts.ToDictionary(name => name, name => LensPopCatalogue.Read(Path.Combine(root, name)));
        _fields = DesFields.Read(Path.Combine(root, Fields));
        _stamps = DesGalaxies.Read(Path.Combine(root, Stamps));
    }

    /// <summary>A forecast's lenses.</summary>
    /// <param name="name">One of those that were asked for.</param>
    public LensPopRow[] Forecast(string name) => _forecasts[name];

    /// <summary>Galaxies of the survey's fields for images of a size, with room to cut at random.</summary>
    /// <remarks>Redshifts of 0.4 and 2, with which the fields' velocity dispersions give θ_E; the images' own are drawn.</remarks>
    public RealGalaxy[] FieldGalaxies(int size)
        => _fields.Galaxies(DesGalaxies.Bands, Math.Min(size + Margin, _fields.Images.Height), 0.4, 2.0);

    /// <summary>Galaxies with PSFs of their own whose stamps are as large as an image.</summary>
    public RealGalaxy[] StampGalaxies(int size) => [.. _stamps.Galaxies.Where(galaxy => galaxy.Height >= size)];

    /// <summary>Real sources.</summary>
    public RealSource[] Sources => [.. _stamps.Sources];
}
