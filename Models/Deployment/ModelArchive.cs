using System;
using System.Collections.Generic;
using System.Globalization;
using System.IO;
using System.IO.Compression;
using System.Linq;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using Hybrid.Data.Formats;

namespace Hybrid.Models.Deployment;

/// <summary>
/// A trained model in one file, a zip: weights, ONNX, card, preprocessing, metrics, and <c>manifest.json</c> with the hash of each. Its own
/// SHA-256 names it. The same content gives the same bytes; nothing is compressed, no time is in it.
/// </summary>
/// <remarks>
/// The zip's comment has the manifest's hash, the manifest has the files': what is read is what was written, or an exception. A file whose
/// name ends in a hash (<c>cygno-0123456789abcdef.zip</c>) must also have that one.
/// </remarks>
public sealed partial class ModelArchive
{
    /// <summary>Name of the manifest in the archive.</summary>
    public const string ManifestName = "manifest.json";

    /// <summary>Name of the weights.</summary>
    public const string WeightsName = "weights.safetensors";

    /// <summary>Name of the network as ONNX.</summary>
    public const string OnnxName = "model.onnx";

    /// <summary>Name of the card.</summary>
    public const string CardName = "card.md";

    /// <summary>Name of what the model reached.</summary>
    public const string MetricsName = "metrics.json";

    /// <summary>Digits of the hash in a file's name.</summary>
    public const int ShortHash = 16;

    private const int MostManifestBytes = 16 << 20;
    private const string Comment = "Hybrid model; SHA-256 of manifest.json: ";

    // The first moment that a zip can hold: the same content gives the same bytes.
    private static readonly DateTimeOffset _noTime = new(1980, 1, 1, 0, 0, 0, TimeSpan.Zero);

    private ModelArchive(string path, string hash, ModelManifest manifest) => (FilePath, Hash, Manifest) = (path, hash, manifest);

    /// <summary>Where it is.</summary>
    public string FilePath { get; }

    /// <summary>SHA-256 of the whole file, in lower-case hexadecimal: the model's identity.</summary>
    public string Hash { get; }

    /// <summary>What it says of itself.</summary>
    public ModelManifest Manifest { get; }

    /// <summary>What the file is called by custom, wherever it stands: <c>cygno-0123456789abcdef.zip</c>.</summary>
    public string FileName => NameOf(Manifest.System, Hash);

    /// <summary>The name of an archive by custom.</summary>
    public static string NameOf(string system, string hash)
    {
        ArgumentNullException.ThrowIfNull(hash);
        return $"{system}-{hash[..ShortHash]}.zip";
    }

    /// <summary>Writes an archive; it stands under its name only when complete.</summary>
    /// <param name="place">The file, which ends in .zip, or a folder, where its hash names it.</param>
    /// <param name="manifest">Without the list of files.</param>
    /// <param name="files">Name in the archive, and the file to take.</param>
    /// <returns>The archive as <see cref="Open"/> gives it.</returns>
    public static ModelArchive Write(string place, ModelManifest manifest, IReadOnlyDictionary<string, string> files)
    {
        ArgumentNullException.ThrowIfNull(place);
        ArgumentNullException.ThrowIfNull(manifest);
        ArgumentNullException.ThrowIfNull(files);
        if (files.Keys.FirstOrDefault(name => !PlainName().IsMatch(name) || name == ManifestName) is { } odd)
            throw new ArgumentException($"ModelArchive.Write: expected names such as {WeightsName}, got '{odd}'.", nameof(files));
        var isFile = place.EndsWith(".zip", StringComparison.OrdinalIgnoreCase);
        var folder = isFile ? Path.GetDirectoryName(Path.GetFullPath(place))! : place;
        Directory.CreateDirectory(folder);
        var path = isFile ? place : Path.Combine(folder, $"{manifest.System}-{Environment.ProcessId}.zip");

        var ordered = files.OrderBy(file => file.Key, StringComparer.Ordinal).ToArray();
        var listed = manifest with
        {
            Files = ordered.ToDictionary(file => file.Key, file =>
            {
                using var stream = File.OpenRead(file.Value);
                return new ArchivedFile(stream.Length, Hex(SHA256.HashData(stream)));
            }),
        };
        var text = Encoding.UTF8.GetBytes(JsonSerializer.Serialize(listed, ModelManifest.Json) + "\n");
        WholeFile.Write(path, stream =>
        {
            using var zip = new ZipArchive(stream, ZipArchiveMode.Create, leaveOpen: true);
            Add(ManifestName, new MemoryStream(text));
            foreach (var (name, source) in ordered) Add(name, File.OpenRead(source));
            zip.Comment = Comment + Hex(SHA256.HashData(text));

            void Add(string name, Stream content)
            {
                var entry = zip.CreateEntry(name, CompressionLevel.NoCompression);
                entry.LastWriteTime = _noTime;
                using var target = entry.Open();
                using (content) content.CopyTo(target);
            }
        });
        if (!isFile)
        {
            var named = Path.Combine(folder, NameOf(manifest.System, HashOf(path)));
            File.Move(path, named, overwrite: true);
            path = named;
        }
        return Open(path);
    }

    /// <summary>Whether a path is that of an archive's file, and not of a run's folder.</summary>
    public static bool Is(string path) => File.Exists(path) && path.EndsWith(".zip", StringComparison.OrdinalIgnoreCase);

    /// <summary>Reads an archive and checks all of it.</summary>
    /// <exception cref="InvalidDataException">It is not an archive of a model, or damaged; the message has the path.</exception>
    /// <exception cref="FileNotFoundException">There is no such file.</exception>
    public static ModelArchive Open(string path)
    {
        if (!File.Exists(path)) throw new FileNotFoundException($"{path}: expected an archive of a model, there is no such file.", path);
        try
        {
            var hash = HashOf(path);
            var named = NamedHash().Match(Path.GetFileName(path)).Groups[1].Value;
            if (!hash.StartsWith(named, StringComparison.Ordinal))
                throw new InvalidDataException(
                    $"{path}: expected the archive whose SHA-256 begins with {named}, as its name says, got {hash[..ShortHash]}: "
                        + "the file is damaged, or was renamed.");
            using var stream = File.OpenRead(path);
            using var zip = new ZipArchive(stream, ZipArchiveMode.Read);
            var manifest = ReadManifest(path, zip);
            var archive = new ModelArchive(path, hash, manifest);
            var names = zip.Entries.Select(entry => entry.FullName).Where(name => name != ManifestName).Order(StringComparer.Ordinal);
            var listed = manifest.Files.Keys.Order(StringComparer.Ordinal);
            if (!names.SequenceEqual(listed, StringComparer.Ordinal))
                throw new InvalidDataException(
                    $"{path}: expected the files {string.Join(", ", listed)}, got {string.Join(", ", names)}.");
            foreach (var name in manifest.Files.Keys) archive.Copy(zip, name, Stream.Null);
            return archive;
        }
        catch (InvalidDataException failure) when (!failure.Message.StartsWith(path, StringComparison.Ordinal))
        {
            throw new InvalidDataException($"{path}: expected an archive of a model (zip): {failure.Message}", failure);
        }
        catch (Exception failure) when (failure is EndOfStreamException or ArgumentException or NotSupportedException or OverflowException)
        {
            throw new InvalidDataException($"{path}: expected an archive of a model (zip), it is damaged: {failure.Message}", failure);
        }
    }

    /// <summary>A file's content, checked again.</summary>
    /// <exception cref="InvalidDataException">There is none of that name, or the archive was changed.</exception>
    public byte[] Read(string name)
    {
        using var content = new MemoryStream();
        Extract(name, content);
        return content.ToArray();
    }

    /// <summary>Gives a file's content to what reads files by name.</summary>
    /// <param name="name">The file in the archive.</param>
    /// <param name="use">Gets the path of a copy, which is removed afterwards.</param>
    public void Use(string name, Action<string> use)
    {
        ArgumentNullException.ThrowIfNull(use);
        var folder = Directory.CreateTempSubdirectory("hybrid-model-");
        try
        {
            var path = Path.Combine(folder.FullName, name);
            using (var stream = File.Create(path)) Extract(name, stream);
            use(path);
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    private void Extract(string name, Stream target)
    {
        if (!Manifest.Files.ContainsKey(name))
            throw new InvalidDataException(
                $"{FilePath}: expected the file {name}, the archive has {string.Join(", ", Manifest.Files.Keys)}.");
        using var stream = File.OpenRead(FilePath);
        using var zip = new ZipArchive(stream, ZipArchiveMode.Read);
        Copy(zip, name, target);
    }

    /// <summary>Copies a file and checks its length and hash.</summary>
    private void Copy(ZipArchive zip, string name, Stream target)
    {
        var expected = Manifest.Files[name];
        var entry = zip.GetEntry(name) ?? throw new InvalidDataException($"{FilePath}: expected the file {name}, there is none.");
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        using var content = entry.Open();
        var buffer = new byte[1 << 16];
        long length = 0;
        // One byte more than there should be is enough to know.
        while (length <= expected.Bytes && content.Read(buffer) is > 0 and var read)
        {
            length += read;
            hash.AppendData(buffer, 0, read);
            target.Write(buffer, 0, read);
        }
        if (length != expected.Bytes || Hex(hash.GetCurrentHash()) != expected.Sha256)
            throw new InvalidDataException(
                $"{FilePath}: {name}: expected {expected.Bytes} bytes with the SHA-256 of the manifest, got "
                    + $"{(length == expected.Bytes ? "others" : length.ToString(CultureInfo.InvariantCulture) + " bytes")}: "
                    + "the archive is damaged.");
    }

    private static ModelManifest ReadManifest(string path, ZipArchive zip)
    {
        var entry = zip.GetEntry(ManifestName)
            ?? throw new InvalidDataException($"{path}: expected an archive of a model with {ManifestName}, there is none in it.");
        if (entry.Length > MostManifestBytes)
            throw new InvalidDataException($"{path}: {ManifestName}: expected at most {MostManifestBytes} bytes, got {entry.Length}.");
        var text = new byte[entry.Length];
        using (var stream = entry.Open()) stream.ReadExactly(text);
        var hash = Hex(SHA256.HashData(text));
        if (zip.Comment != Comment + hash)
            throw new InvalidDataException(
                $"{path}: expected the zip's comment to be '{Comment}{hash}', got '{zip.Comment}': the archive is damaged.");
        try
        {
            var manifest = JsonSerializer.Deserialize<ModelManifest>(text, ModelManifest.Json)
                ?? throw new InvalidDataException($"{path}: {ManifestName}: expected an object, got null.");
            if (manifest.Format != ModelManifest.CurrentFormat)
                throw new InvalidDataException(
                    $"{path}: expected an archive of format {ModelManifest.CurrentFormat}, got {manifest.Format}. "
                        + "A newer version of Hybrid reads it.");
            return manifest;
        }
        catch (JsonException failure)
        {
            throw new InvalidDataException($"{path}: {ManifestName}: {failure.Message}", failure);
        }
    }

    /// <summary>SHA-256 of a file, in lower-case hexadecimal.</summary>
    public static string HashOf(string path)
    {
        using var stream = File.OpenRead(path);
        return Hex(SHA256.HashData(stream));
    }

    private static string Hex(byte[] hash) => Convert.ToHexStringLower(hash);

    [GeneratedRegex(@"^[A-Za-z0-9][A-Za-z0-9._-]{0,100}$")]
    private static partial Regex PlainName();

    [GeneratedRegex(@"-([0-9a-f]{16,64})\.zip$")]
    private static partial Regex NamedHash();
}
