using System;
using System.Collections.Generic;
using System.IO;
using System.IO.Hashing;
using System.Linq;
using System.Text.Json;
using Hybrid.Data.Formats;
using static TorchSharp.torch;

namespace Hybrid.Models.Weights;

/// <summary>
/// Named tensors in a safetensors file: eight bytes with the header's length, a JSON header with each tensor's dtype,
/// shape and place, then the data, little-endian and in C order, without gaps. Hugging Face, safetensors format 0.4. Files that Hybrid
/// writes have checksums in their metadata, which are compared when they are read.
/// </summary>
public static class Safetensors
{
    /// <summary>Header sizes above this are refused, as the reference implementation does.</summary>
    internal const long MaxHeaderBytes = 100_000_000;

    /// <summary>
    /// Writes to a temporary name beside <paramref name="path"/> and renames it when complete: a killed run leaves no half file.
    /// </summary>
    /// <param name="path">The file.</param>
    /// <param name="tensors">Tensors by key, of any device; boolean, integer or real.</param>
    /// <param name="metadata">Texts to store with them.</param>
    /// <exception cref="ArgumentException">A dtype or a name that the format does not have, or that of the checksums.</exception>
    public static void Save(string path, IReadOnlyDictionary<string, Tensor> tensors, IReadOnlyDictionary<string, string>? metadata = null)
    {
        // Wide elements first keeps every tensor aligned to its element; names make the order, and so the file, reproducible.
        var ordered = tensors.Select(pair => (pair.Key, Tensor: pair.Value, Type: SafetensorsType.Of(pair.Value.dtype, pair.Key)))
            .OrderByDescending(entry => entry.Type.Bytes).ThenBy(entry => entry.Key, StringComparer.Ordinal).ToArray();
        if (metadata?.ContainsKey(SafetensorsChecksums.Key) == true)
            throw new ArgumentException(
                $"Safetensors.Save: '{SafetensorsChecksums.Key}' is the name of the file's own checksums, choose another for a text.",
                nameof(metadata));
        var sums = new ulong[ordered.Length];
        var header = Header(ordered, metadata, sums);
        WholeFile.Write(path, stream =>
        {
            stream.Write(BitConverter.GetBytes((long)header.Length));
            stream.Write(header);
            for (var i = 0; i < sums.Length; i++) sums[i] = WriteData(stream, ordered[i].Tensor);
            // The same length, now that the checksums are known.
            header = Header(ordered, metadata, sums);
            SafetensorsChecksums.Seal(header);
            stream.Position = sizeof(long);
            stream.Write(header);
        });
    }

    /// <summary>Reads all tensors, onto the CPU; the caller (or the current dispose scope) owns them.</summary>
    /// <exception cref="InvalidDataException">The file is not such a file, ends early, its header contradicts itself or the data, or a
    /// checksum differs; the message names the tensor and its bytes.</exception>
    public static SafetensorsFile Load(string path)
    {
        RegularFile.Require(path);
        using var stream = File.OpenRead(path);
        var header = SafetensorsHeader.Read(stream, path);
        Contents.RequireMemory(path, stream.Length - header.DataStart);
        var tensors = new Dictionary<string, Tensor>();
        var unread = new Dictionary<string, string>();
        try
        {
            foreach (var (entry, place) in header.Entries.Select((entry, place) => (entry, place)))
            {
                if (entry.Type is not { } type)
                {
                    unread.Add(entry.Key, $"expected one of the dtypes {SafetensorsType.Names}, got '{entry.TypeName}'");
                    continue;
                }
                var tensor = empty(entry.Shape, type.Dtype);
                tensors.Add(entry.Key, tensor);
                stream.Position = header.DataStart + entry.Begin;
                var hash = header.Checksums is null ? null : new XxHash3();
                foreach (var part in Pieces.Of(tensor))
                {
                    if (hash is null) stream.ReadExactly(part.bytes);
                    else SafetensorsChecksums.Read(stream, part.bytes, hash);
                    Contents.RequireTruth(path, $"'{entry.Key}'", part);
                }
                if (hash is not null && hash.GetCurrentHashAsUInt64() is var got && got != header.Checksums![place])
                    throw new InvalidDataException(
                        $"{path}: '{entry.Key}' (bytes {header.DataStart + entry.Begin} to {header.DataStart + entry.End}): expected the "
                        + $"checksum {SafetensorsChecksums.Word(header.Checksums[place])}, "
                        + $"got {SafetensorsChecksums.Word(got)}: the file is damaged.");
            }
        }
        catch (Exception failure)
        {
            foreach (var tensor in tensors.Values) tensor.Dispose();
            // The file shrank while it was read.
            if (failure is EndOfStreamException)
                throw new InvalidDataException($"{path}: the data of '{tensors.Keys.Last()}' ends early", failure);
            throw;
        }
        return new SafetensorsFile(tensors, header.Metadata) { Unread = unread };
    }

    private static byte[] Header(
        (string Key, Tensor Tensor, SafetensorsType Type)[] entries, IReadOnlyDictionary<string, string>? metadata, ulong[] sums)
    {
        using var buffer = new MemoryStream();
        using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartObject();
            json.WriteStartObject("__metadata__");
            var texts = (metadata ?? new Dictionary<string, string>())
                .Append(KeyValuePair.Create(SafetensorsChecksums.Key, SafetensorsChecksums.Text(sums)));
            foreach (var (key, value) in texts.OrderBy(pair => pair.Key, StringComparer.Ordinal)) json.WriteString(key, value);
            json.WriteEndObject();
            long place = 0;
            foreach (var (key, tensor, type) in entries)
            {
                if (key == "__metadata__")
                    throw new ArgumentException(
                        "Safetensors.Save: '__metadata__' is the name of the metadata, not a tensor's.", nameof(entries));
                json.WriteStartObject(key);
                json.WriteString("dtype", type.Name);
                json.WriteStartArray("shape");
                foreach (var size in tensor.shape) json.WriteNumberValue(size);
                json.WriteEndArray();
                json.WriteStartArray("data_offsets");
                json.WriteNumberValue(place);
                json.WriteNumberValue(place += tensor.numel() * type.Bytes);
                json.WriteEndArray();
                json.WriteEndObject();
            }
            json.WriteEndObject();
        }
        while (buffer.Length % 8 != 0) buffer.WriteByte((byte)' ');
        return buffer.ToArray();
    }

    /// <returns>The checksum of what it wrote.</returns>
    private static ulong WriteData(Stream stream, Tensor tensor)
    {
        using var scope = NewDisposeScope();
        var hash = new XxHash3();
        foreach (var part in Pieces.Of(tensor.detach().cpu().contiguous()))
        {
            stream.Write(part.bytes);
            hash.Append(part.bytes);
        }
        return hash.GetCurrentHashAsUInt64();
    }
}

/// <summary>What a safetensors file held.</summary>
/// <param name="Tensors">Tensors by key, in the file's order.</param>
/// <param name="Metadata">Its texts; empty when it had none.</param>
public sealed record SafetensorsFile(Dictionary<string, Tensor> Tensors, IReadOnlyDictionary<string, string> Metadata) : IDisposable
{
    /// <summary>Tensors of dtypes that libtorch here does not have, by key, with the reason.</summary>
    public IReadOnlyDictionary<string, string> Unread { get; init; } = new Dictionary<string, string>();

    public void Dispose()
    {
        foreach (var tensor in Tensors.Values) tensor.Dispose();
    }
}
