using System;
using System.Collections.Generic;
using System.IO;
using static TorchSharp.torch;

namespace TorchSharp;

/// <summary>
/// TorchSharp's file of named tensors (.dat): the number of entries, then for each its name (length-prefixed UTF-8), dtype,
/// rank, sizes and raw little-endian data in C order. All numbers are LEB128: seven bits a byte, lowest first, the eighth bit says that more follow.
/// </summary>
internal static class DatFormat
{
    private const int ChunkBytes = 1 << 16;

    public static void Write(BinaryWriter writer, IReadOnlyDictionary<string, Tensor> state)
    {
        WriteNumber(writer, state.Count);
        foreach (var (key, tensor) in state)
        {
            writer.Write(key);
            WriteTensor(writer, tensor);
        }
    }

    public static void WriteTensor(BinaryWriter writer, Tensor tensor)
    {
        using var scope = NewDisposeScope();
        var data = tensor.detach().cpu().contiguous();
        WriteNumber(writer, (long)data.dtype);
        var shape = data.shape;
        WriteNumber(writer, shape.Length);
        foreach (var size in shape) WriteNumber(writer, size);
        writer.Flush();
        writer.BaseStream.Write(data.bytes);
    }

    public static long ReadCount(BinaryReader reader) => ReadNumber(reader, "number of entries");

    public static string ReadKey(BinaryReader reader)
    {
        try
        {
            return reader.ReadString();
        }
        catch (Exception e) when (e is IOException or FormatException) // the end, or a length that is no length
        {
            throw new InvalidDataException($"expected an entry's name at byte {Position(reader)}, the data ends or is not a TorchSharp .dat file", e);
        }
    }

    /// <summary>Reads a tensor's dtype, sizes and data into one that has that dtype and these sizes.</summary>
    public static void ReadInto(BinaryReader reader, Tensor target, string key)
    {
        var (dtype, shape) = ReadHeader(reader, key);
        if (dtype != target.dtype)
            throw new ArgumentException($"'{key}': the module has dtype {target.dtype}, the file {dtype}. Convert the module with to({dtype}) before loading.");
        if (!target.shape.AsSpan().SequenceEqual(shape))
            throw new ArgumentException($"'{key}': the module has shape ({string.Join(", ", target.shape)}), the file ({string.Join(", ", shape)}).");
        using var scope = NewDisposeScope();
        using var _ = no_grad();
        if (target.device_type == DeviceType.CPU && target.is_contiguous())
        {
            ReadData(reader, target.detach().bytes, key);
            return;
        }
        var host = empty(shape, dtype);
        ReadData(reader, host.bytes, key);
        target.copy_(host);
    }

    public static Tensor ReadTensor(BinaryReader reader, string key)
    {
        var (dtype, shape) = ReadHeader(reader, key);
        RequireBytes(reader, dtype, shape, key);
        var tensor = empty(shape, dtype);
        ReadData(reader, tensor.bytes, key);
        return tensor;
    }

    public static void Skip(BinaryReader reader, string key)
    {
        var (dtype, shape) = ReadHeader(reader, key);
        var bytes = RequireBytes(reader, dtype, shape, key);
        var chunk = new byte[(int)Math.Min(bytes, ChunkBytes)];
        for (; bytes > 0; bytes -= chunk.Length) ReadData(reader, chunk.AsSpan(0, (int)Math.Min(bytes, chunk.Length)), key);
    }

    // What the sizes promise must be there before memory is taken for it.
    private static long RequireBytes(BinaryReader reader, ScalarType dtype, long[] shape, string key)
    {
        var bytes = (Int128)ElementSize(dtype, key);
        foreach (var size in shape)
        {
            bytes *= size;
            if (bytes > long.MaxValue) throw new InvalidDataException($"'{key}': a tensor of shape ({string.Join(", ", shape)}) has more bytes than a file can hold");
        }
        var stream = reader.BaseStream;
        if (stream.CanSeek && bytes > stream.Length - stream.Position)
            throw new InvalidDataException($"'{key}': expected {bytes} bytes of data, the file ends after {stream.Length - stream.Position}");
        return (long)bytes;
    }

    private static (ScalarType, long[]) ReadHeader(BinaryReader reader, string key)
    {
        var number = ReadNumber(reader, $"dtype of '{key}'");
        var dtype = (ScalarType)Math.Min(number, sbyte.MaxValue); // no dtype has that number
        _ = ElementSize(dtype, key);
        var rank = ReadNumber(reader, $"rank of '{key}'");
        if (rank > 64) throw new InvalidDataException($"'{key}': expected a rank of at most 64 before byte {Position(reader)}, got {rank}; the data is no TorchSharp .dat file");
        var shape = new long[rank];
        for (var i = 0; i < shape.Length; i++) shape[i] = ReadNumber(reader, $"size {i} of '{key}'");
        return (dtype, shape);
    }

    private static int ElementSize(ScalarType dtype, string key) => dtype switch
    {
        ScalarType.Byte or ScalarType.Int8 or ScalarType.Bool => 1,
        ScalarType.Int16 or ScalarType.Float16 or ScalarType.BFloat16 => 2,
        ScalarType.Int32 or ScalarType.Float32 => 4,
        ScalarType.Int64 or ScalarType.Float64 or ScalarType.ComplexFloat32 => 8,
        ScalarType.ComplexFloat64 => 16,
        _ => throw new InvalidDataException($"'{key}': expected the number of a dtype, got {(int)dtype}; the data is no TorchSharp .dat file"),
    };

    private static void ReadData(BinaryReader reader, Span<byte> data, string key)
    {
        var read = reader.BaseStream.ReadAtLeast(data, data.Length, throwOnEndOfStream: false);
        if (read < data.Length) throw new InvalidDataException($"'{key}': expected {data.Length} bytes of data, the file ends after {read}");
    }

    public static void WriteNumber(BinaryWriter writer, long value)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(value);
        for (; value > 0x7f; value >>= 7) writer.Write((byte)(value | 0x80));
        writer.Write((byte)value);
    }

    public static long ReadNumber(BinaryReader reader, string what)
    {
        long result = 0;
        for (var shift = 0; shift < 63; shift += 7)
        {
            var next = reader.BaseStream.ReadByte();
            if (next < 0) throw new InvalidDataException($"expected the {what}, the file ends");
            result |= (long)(next & 0x7f) << shift;
            if ((next & 0x80) == 0) return result;
        }
        throw new InvalidDataException($"expected the {what} as a LEB128 number before byte {Position(reader)}, got more than nine bytes");
    }

    private static string Position(BinaryReader reader) => reader.BaseStream.CanSeek ? reader.BaseStream.Position.ToString() : "?";
}
