using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Text.Json;
using Hybrid.Data.Formats;
using static TorchSharp.torch;

namespace Hybrid.Models.Weights;

/// <summary>
/// Named tensors in a safetensors file: eight bytes with the header's length, a JSON header with each tensor's dtype,
/// shape and place, then the data, little-endian and in C order, without gaps. Hugging Face, safetensors format 0.4.
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
    public static void Save(string path, IReadOnlyDictionary<string, Tensor> tensors, IReadOnlyDictionary<string, string>? metadata = null)
    {
        // Wide elements first keeps every tensor aligned to its element; names make the order, and so the file, reproducible.
        var ordered = tensors.Select(pair => (pair.Key, Tensor: pair.Value, Type: SafetensorsType.Of(pair.Value.dtype, pair.Key)))
            .OrderByDescending(entry => entry.Type.Bytes).ThenBy(entry => entry.Key, StringComparer.Ordinal).ToArray();
        var header = Header(ordered, metadata);
        WholeFile.Write(path, stream =>
        {
            stream.Write(BitConverter.GetBytes((long)header.Length));
            stream.Write(header);
            foreach (var (_, tensor, _) in ordered) WriteData(stream, tensor);
        });
    }

    /// <summary>Reads all tensors, onto the CPU; the caller (or the current dispose scope) owns them.</summary>
    /// <exception cref="InvalidDataException">The file is not such a file, ends early, or its header contradicts itself or the
    /// data.</exception>
    public static SafetensorsFile Load(string path)
    {
        using var stream = File.OpenRead(path);
        var header = SafetensorsHeader.Read(stream, path);
        Contents.RequireMemory(path, stream.Length - header.DataStart);
        var tensors = new Dictionary<string, Tensor>();
        try
        {
            foreach (var entry in header.Entries)
            {
                var tensor = empty(entry.Shape, entry.Type.Dtype);
                tensors.Add(entry.Key, tensor);
                stream.Position = header.DataStart + entry.Begin;
                foreach (var part in Pieces.Of(tensor))
                {
                    stream.ReadExactly(part.bytes);
                    Contents.RequireTruth(path, $"'{entry.Key}'", part);
                }
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
        return new SafetensorsFile(tensors, header.Metadata);
    }

    private static byte[] Header((string Key, Tensor Tensor, SafetensorsType Type)[] entries, IReadOnlyDictionary<string, string>? metadata)
    {
        using var buffer = new MemoryStream();
        using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartObject();
            if (metadata is { Count: > 0 })
            {
                json.WriteStartObject("__metadata__");
                foreach (var (key, value) in metadata.OrderBy(pair => pair.Key, StringComparer.Ordinal)) json.WriteString(key, value);
                json.WriteEndObject();
            }
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

    private static void WriteData(Stream stream, Tensor tensor)
    {
        using var scope = NewDisposeScope();
        foreach (var part in Pieces.Of(tensor.detach().cpu().contiguous())) stream.Write(part.bytes);
    }
}

/// <summary>What a safetensors file held.</summary>
/// <param name="Tensors">Tensors by key, in the file's order.</param>
/// <param name="Metadata">Its texts; empty when it had none.</param>
public sealed record SafetensorsFile(Dictionary<string, Tensor> Tensors, IReadOnlyDictionary<string, string> Metadata) : IDisposable
{
    public void Dispose()
    {
        foreach (var tensor in Tensors.Values) tensor.Dispose();
    }
}
