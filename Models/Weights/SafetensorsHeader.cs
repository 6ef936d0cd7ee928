using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Text.Json;

namespace Hybrid.Models.Weights;

/// <summary>The header of a safetensors file, checked against itself and the file's length.</summary>
internal sealed record SafetensorsHeader(
    IReadOnlyList<SafetensorsHeader.Entry> Entries, IReadOnlyDictionary<string, string> Metadata, ulong[]? Checksums, long DataStart)
{
    /// <param name="Key">The tensor's key.</param>
    /// <param name="Type">Its element type; null where libtorch here has none for it.</param>
    /// <param name="TypeName">The type as the file names it.</param>
    /// <param name="Shape">Its sizes.</param>
    /// <param name="Begin">Its first byte, counted from <see cref="DataStart"/>.</param>
    /// <param name="End">The byte after its last.</param>
    public sealed record Entry(string Key, SafetensorsType? Type, string TypeName, long[] Shape, long Begin, long End);

    /// <summary>libtorch computes with no more.</summary>
    private const int MostAxes = 64;

    /// <exception cref="InvalidDataException">The header is damaged or contradicts itself or the file.</exception>
    public static SafetensorsHeader Read(Stream stream, string path)
    {
        InvalidDataException Bad(string reason, Exception? inner = null) => new($"{path}: {reason}", inner);

        if (stream.Length < 8) throw Bad($"expected at least 8 bytes (the header's length), the file has {stream.Length}");
        Span<byte> lengthBytes = stackalloc byte[8];
        stream.ReadExactly(lengthBytes);
        var length = BitConverter.ToUInt64(lengthBytes);
        if (length > (ulong)Safetensors.MaxHeaderBytes)
            throw Bad(
                $"expected a header of at most {Safetensors.MaxHeaderBytes} bytes, "
                + $"its first 8 bytes say {length}; this is not a safetensors file");
        if (length > (ulong)(stream.Length - 8))
            throw Bad(
                $"expected a header of {length} bytes, the file has {stream.Length - 8} after its first 8; "
                + "it is cut off or not a safetensors file");
        var json = new byte[length];
        stream.ReadExactly(json);
        var dataBytes = stream.Length - 8 - json.Length;
        if (json.Length == 0 || json[0] != (byte)'{') throw Bad("expected a header that starts with '{' at byte 8");

        try
        {
            using var document = JsonDocument.Parse(json);
            var entries = new List<Entry>();
            var metadata = new Dictionary<string, string>();
            var keys = new HashSet<string>();
            foreach (var property in document.RootElement.EnumerateObject())
            {
                if (!keys.Add(property.Name)) throw Bad($"the header names '{property.Name}' twice");
                if (property.Name == "__metadata__") ReadMetadata(property.Value, metadata, Bad);
                else entries.Add(ReadEntry(property.Name, property.Value, Bad));
            }
            metadata.Remove(SafetensorsChecksums.Key, out var text);
            var checksums = SafetensorsChecksums.Of(json, text, entries.Count, Bad);
            CheckPlaces(entries, dataBytes, Bad);
            return new SafetensorsHeader(entries, metadata, checksums, 8 + json.Length);
        }
        catch (JsonException e)
        {
            throw Bad($"the header is not JSON: {e.Message}", e);
        }
        catch (InvalidOperationException e) // the JSON reader's word for bytes or escapes that are not Unicode
        {
            throw Bad($"the header holds text that is not Unicode: {e.Message}", e);
        }
    }

    private static void ReadMetadata(
        JsonElement value, Dictionary<string, string> metadata, Func<string, Exception?, InvalidDataException> bad)
    {
        if (value.ValueKind != JsonValueKind.Object)
            throw bad($"expected __metadata__ to be an object of texts, got {value.ValueKind}", null);
        foreach (var item in value.EnumerateObject())
        {
            if (item.Value.ValueKind != JsonValueKind.String)
                throw bad($"expected the metadata '{item.Name}' to be a text, got {item.Value.ValueKind}", null);
            metadata[item.Name] = item.Value.GetString()!;
        }
    }

    private static Entry ReadEntry(string key, JsonElement value, Func<string, Exception?, InvalidDataException> bad)
    {
        if (value.ValueKind != JsonValueKind.Object)
            throw bad($"'{key}': expected an object with dtype, shape and data_offsets, got {value.ValueKind}", null);
        if (!value.TryGetProperty("dtype", out var dtype) || dtype.ValueKind != JsonValueKind.String)
            throw bad($"'{key}': expected a dtype as text", null);
        var typeName = dtype.GetString()!;
        var type = SafetensorsType.Named(typeName);
        var shape = Numbers(value, "shape") ?? throw bad($"'{key}': expected a shape of whole numbers ≥ 0", null);
        var offsets = Numbers(value, "data_offsets");
        if (offsets is not { Length: 2 } || offsets[0] > offsets[1])
            throw bad($"'{key}': expected data_offsets of two whole numbers, the first no larger than the second", null);
        if (shape.Length > MostAxes) throw bad($"'{key}': expected at most {MostAxes} axes, got {shape.Length}", null);
        // Of a type that is not known the places alone are checked.
        var bytes = (Int128)(type?.Bytes ?? 1);
        // Strides are products too, also of a tensor that has no elements.
        foreach (var size in shape)
        {
            bytes *= Math.Max(size, 1);
            if (bytes > long.MaxValue)
                throw bad($"'{key}': a tensor of shape ({string.Join(", ", shape)}) has more bytes than a file can hold", null);
        }
        if (shape.Contains(0)) bytes = 0;
        if (type is not null && bytes != offsets[1] - offsets[0])
            throw bad(
                $"'{key}': a tensor of shape ({string.Join(", ", shape)}) and dtype {typeName} has {bytes} bytes, "
                + $"data_offsets give it {offsets[1] - offsets[0]}",
                null);
        return new Entry(key, type, typeName, shape, offsets[0], offsets[1]);
    }

    private static long[]? Numbers(JsonElement value, string name)
    {
        if (!value.TryGetProperty(name, out var array) || array.ValueKind != JsonValueKind.Array) return null;
        var numbers = new List<long>();
        foreach (var item in array.EnumerateArray())
        {
            if (item.ValueKind != JsonValueKind.Number || !item.TryGetInt64(out var number) || number < 0) return null;
            numbers.Add(number);
        }
        return numbers.ToArray();
    }

    // Each tensor begins where the one before ends: no overlaps, no gaps, nothing left over.
    private static void CheckPlaces(List<Entry> entries, long dataBytes, Func<string, Exception?, InvalidDataException> bad)
    {
        long place = 0;
        var before = "the header";
        foreach (var entry in entries.OrderBy(entry => entry.Begin).ThenBy(entry => entry.End))
        {
            if (entry.Begin < place)
                throw bad($"'{entry.Key}' begins at byte {entry.Begin} of the data and overlaps {before}, which ends at {place}", null);
            if (entry.Begin > place)
                throw bad(
                    $"'{entry.Key}' begins at byte {entry.Begin} of the data and leaves a gap after {before}, which ends at {place}", null);
            (place, before) = (entry.End, $"'{entry.Key}'");
        }
        if (place > dataBytes) throw bad($"the header describes {place} bytes of data, the file has {dataBytes}; it is cut off", null);
        if (place < dataBytes) throw bad($"the header describes {place} bytes of data, the file has {dataBytes}", null);
    }
}
