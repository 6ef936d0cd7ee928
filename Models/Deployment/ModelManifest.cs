using System;
using System.Collections.Generic;
using System.IO;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Hybrid.Models.Deployment;

/// <summary>Size of a preprocessed image.</summary>
/// <param name="Bands">Planes.</param>
/// <param name="Height">Rows.</param>
/// <param name="Width">Columns.</param>
public sealed record ArchivedImage(int Bands, int Height, int Width);

/// <summary>One file of an archive.</summary>
/// <param name="Bytes">Its length.</param>
/// <param name="Sha256">Its hash, in lower-case hexadecimal.</param>
public sealed record ArchivedFile(long Bytes, string Sha256);

/// <summary>How a quantity was distributed when the model was judged: what live data are compared with.</summary>
/// <param name="Quantity">Name of the quantity.</param>
/// <param name="Class">Which images: <c>NR</c>; empty for all.</param>
/// <param name="Of">Where they come from, in a few words.</param>
/// <param name="Low">Where the first bin begins.</param>
/// <param name="High">Where the last one ends; values outside count in the bins at the ends.</param>
/// <param name="Counts">Images in each bin, all of one width.</param>
public sealed record ReferenceHistogram(string Quantity, string Class, string Of, double Low, double High, IReadOnlyList<int> Counts)
{
    /// <summary>Counts values in equal bins.</summary>
    /// <param name="quantity">What they are.</param>
    /// <param name="class">Of which images.</param>
    /// <param name="of">Where the images come from.</param>
    /// <param name="values">A value an image.</param>
    /// <param name="bins">Bins, ≥ 1.</param>
    public static ReferenceHistogram Count(ScoredQuantity quantity, string @class, string of, IEnumerable<double> values, int bins = 50)
    {
        ArgumentNullException.ThrowIfNull(quantity);
        ArgumentNullException.ThrowIfNull(values);
        var counts = new int[bins];
        foreach (var value in values) counts[Bin(value, quantity.Low, quantity.High, bins)]++;
        return new(quantity.Name, @class, of, quantity.Low, quantity.High, counts);
    }

    /// <summary>The bin of a value; one outside the range, or NaN, is in the bin at that end.</summary>
    public static int Bin(double value, double low, double high, int bins)
        => double.IsNaN(value) ? 0 : (int)Math.Clamp((value - low) / (high - low) * bins, 0, bins - 1);
}

/// <summary>What an archive of a model says of itself: manifest.json.</summary>
public sealed record ModelManifest
{
    /// <summary>Number of the archive's layout.</summary>
    public const int CurrentFormat = 1;

    internal static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web)
    {
        WriteIndented = true,
        NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        NewLine = "\n",
        // A manifest without one of its parts is refused, and not read as one with nothing there.
        RespectRequiredConstructorParameters = true,
        RespectNullableAnnotations = true,
    };

    /// <summary>Number of the archive's layout: <see cref="CurrentFormat"/>.</summary>
    public required int Format { get; init; }

    /// <summary>Which system's model it is, in small letters: <c>cygno</c>.</summary>
    public required string System { get; init; }

    /// <summary>Class of the network.</summary>
    public required string Network { get; init; }

    /// <summary>What the run was called.</summary>
    public required string Name { get; init; }

    /// <summary>Version of Hybrid that made the archive.</summary>
    public required string Version { get; init; }

    /// <summary>The recipe that turns a frame into what the network sees, as it prints (<see cref="Data.Images.RecipeText"/>).</summary>
    public required string Preprocessing { get; init; }

    /// <summary>Size of a preprocessed image.</summary>
    public required ArchivedImage Image { get; init; }

    /// <summary>What the model gives of an image.</summary>
    public required IReadOnlyList<ScoredQuantity> Quantities { get; init; }

    /// <summary>What model.onnx computes, and what is left to do with its results: averages over symmetries, sums over classes.</summary>
    public required string Onnx { get; init; }

    /// <summary>What the system must know to build the network again; a JSON object of its own.</summary>
    public required JsonElement Settings { get; init; }

    /// <summary>How the first quantity was distributed when the model was judged.</summary>
    public IReadOnlyList<ReferenceHistogram> Reference { get; init; } = [];

    /// <summary>The archive's files, this one excepted.</summary>
    public IReadOnlyDictionary<string, ArchivedFile> Files { get; init; } = new Dictionary<string, ArchivedFile>();

    /// <summary>Reads <see cref="Settings"/>.</summary>
    /// <exception cref="InvalidDataException">They are another system's.</exception>
    public T SettingsOf<T>()
    {
        try
        {
            return Settings.Deserialize<T>(Json) ?? throw new InvalidDataException($"{Name}: expected settings of {System}, got null.");
        }
        catch (JsonException failure)
        {
            throw new InvalidDataException($"{Name}: its settings are not those of {typeof(T).Name}: {failure.Message}", failure);
        }
    }

    /// <summary>Settings as a manifest holds them.</summary>
    public static JsonElement SettingsFrom<T>(T settings) => JsonSerializer.SerializeToElement(settings, Json);
}
