using System;
using System.Buffers.Binary;
using System.IO;
using System.IO.Hashing;
using System.Runtime.InteropServices;
using System.Text;
using Hybrid.Data.Images;

namespace Hybrid.Samples.Serving.Events;

/// <summary>
/// An event as bytes of a journal: "HYEV", the payload's length and CRC-32, then the payload, little-endian: id, time (ticks of UTC),
/// source, name, bands, height, width, pixels (float32).
/// </summary>
internal static class EventRecord
{
    /// <summary>Bytes before the payload.</summary>
    public const int HeaderBytes = 12;

    /// <summary>A longer payload is damage.</summary>
    public const int MostBytes = 1 << 30;

    private const uint Magic = 0x56455948; // "HYEV"

    public static byte[] Write(ServedEvent item)
    {
        var (source, name) = (Encoding.UTF8.GetBytes(item.Source), Encoding.UTF8.GetBytes(item.Name));
        var pixels = MemoryMarshal.AsBytes(item.Image.Pixels.AsSpan());
        var record = new byte[HeaderBytes + 36 + source.Length + name.Length + pixels.Length];
        var payload = record.AsSpan(HeaderBytes);
        BinaryPrimitives.WriteInt64LittleEndian(payload, item.Id);
        BinaryPrimitives.WriteInt64LittleEndian(payload[8..], item.Received.UtcTicks);
        var at = 16;
        Number(payload, source.Length);
        Number(payload, name.Length);
        Number(payload, item.Image.BandCount);
        Number(payload, item.Image.Height);
        Number(payload, item.Image.Width);
        source.CopyTo(payload[at..]);
        name.CopyTo(payload[(at + source.Length)..]);
        pixels.CopyTo(payload[(at + source.Length + name.Length)..]);
        BinaryPrimitives.WriteUInt32LittleEndian(record, Magic);
        BinaryPrimitives.WriteInt32LittleEndian(record.AsSpan(4), payload.Length);
        BinaryPrimitives.WriteUInt32LittleEndian(record.AsSpan(8), Crc32.HashToUInt32(payload));
        return record;

        void Number(Span<byte> target, int value)
        {
            BinaryPrimitives.WriteInt32LittleEndian(target[at..], value);
            at += 4;
        }
    }

    /// <summary>The next event of a journal; null at its end, or where a record was cut off or damaged: nothing after it counts.</summary>
    public static ServedEvent? Read(Stream stream)
    {
        Span<byte> header = stackalloc byte[HeaderBytes];
        if (stream.ReadAtLeast(header, HeaderBytes, throwOnEndOfStream: false) < HeaderBytes) return null;
        var length = BinaryPrimitives.ReadInt32LittleEndian(header[4..]);
        if (BinaryPrimitives.ReadUInt32LittleEndian(header) != Magic || length is < 36 or > MostBytes) return null;
        if (stream.CanSeek && stream.Length - stream.Position < length) return null;
        var payload = new byte[length];
        if (stream.ReadAtLeast(payload, length, throwOnEndOfStream: false) < length) return null;
        if (Crc32.HashToUInt32(payload) != BinaryPrimitives.ReadUInt32LittleEndian(header[8..])) return null;

        int Number(int place) => BinaryPrimitives.ReadInt32LittleEndian(payload.AsSpan(16 + (4 * place)));
        var (source, name, bands, height, width) = (Number(0), Number(1), Number(2), Number(3), Number(4));
        var values = (long)bands * height * width;
        if (source < 0 || name < 0 || bands < 1 || height < 1 || width < 1 || 36L + source + name + (4 * values) != length) return null;
        var pixels = new float[values];
        payload.AsSpan(36 + source + name).CopyTo(MemoryMarshal.AsBytes(pixels.AsSpan()));
        var planes = new string[bands];
        for (var band = 0; band < bands; band++) planes[band] = bands == 1 ? "light" : $"band{band}";
        return new ServedEvent(
            BinaryPrimitives.ReadInt64LittleEndian(payload),
            new DateTimeOffset(BinaryPrimitives.ReadInt64LittleEndian(payload.AsSpan(8)), TimeSpan.Zero),
            Encoding.UTF8.GetString(payload, 36, source),
            Encoding.UTF8.GetString(payload, 36 + source, name),
            new ImageSet(pixels, planes, height, width));
    }
}
