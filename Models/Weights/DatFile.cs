using System;
using System.Collections.Generic;
using System.IO;
using Hybrid.Data.Formats;
using TorchSharp;
using static TorchSharp.torch;

namespace Hybrid.Models.Weights;

/// <summary>
/// Reads TorchSharp's file of named tensors (.dat, what <c>module.save</c> writes): the number of entries, then for each its name
/// (length-prefixed UTF-8), dtype, rank, sizes and raw little-endian data in C order. All numbers are LEB128: seven bits a byte, lowest
/// first, the eighth bit says that more follow.
/// <para><c>module.load</c> is not used: TorchSharp 0.107 leaves a module half loaded when a file ends early, and takes memory for whatever
/// sizes a file names.</para>
/// </summary>
internal static class DatFile
{
    private const int MostDimensions = 64;

    /// <summary>The file's tensors by name, on the CPU; the caller disposes them (a dispose scope does).</summary>
    /// <exception cref="InvalidDataException">The file is not a .dat file, or is damaged.</exception>
    public static Dictionary<string, Tensor> Load(string path)
    {
        RegularFile.Require(path);
        using var stream = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read, 1 << 16);
        using var reader = new BinaryReader(stream);
        var count = Number(path, reader, "number of entries");
        var tensors = new Dictionary<string, Tensor>();
        for (long i = 0; i < count; i++)
        {
            var key = Key(path, reader);
            if (tensors.ContainsKey(key)) throw Damaged(path, $"has '{key}' twice");
            tensors.Add(key, ReadTensor(path, reader, key));
        }
        if (stream.Position < stream.Length)
        {
            var entries = Plural.Of(count, "entry, which ends", "entries, which end");
            throw Damaged(path, $"has {entries} at byte {stream.Position} of {stream.Length}");
        }
        return tensors;
    }

    private static Tensor ReadTensor(string path, BinaryReader reader, string key)
    {
        var number = Number(path, reader, $"dtype of '{key}'");
        var dtype = (ScalarType)Math.Min(number, sbyte.MaxValue); // no dtype has that number
        Int128 bytes = ElementSize(path, dtype, key);
        var rank = Number(path, reader, $"rank of '{key}'");
        if (rank > MostDimensions) throw Damaged(path, $"expected a rank of at most {MostDimensions} for '{key}', got {rank}");
        var shape = new long[rank];
        for (var i = 0; i < shape.Length; i++)
        {
            shape[i] = Number(path, reader, $"size {i} of '{key}'");
            bytes *= shape[i];
            if (bytes > long.MaxValue) throw Damaged(path, $"'{key}' ({string.Join(", ", shape)}) has more bytes than a file can hold");
        }
        // What the sizes promise must be there before memory is taken for it.
        var left = reader.BaseStream.Length - reader.BaseStream.Position;
        if (bytes > left) throw Damaged(path, $"expected {bytes} bytes of data for '{key}', the file ends after {left}");
        Contents.RequireMemory(path, (long)bytes);
        var tensor = empty(shape, dtype);
        foreach (var piece in Pieces.Of(tensor)) reader.BaseStream.ReadExactly(piece.bytes);
        Contents.RequireTruth(path, $"'{key}'", tensor);
        return tensor;
    }

    private static string Key(string path, BinaryReader reader)
    {
        try
        {
            return reader.ReadString();
        }
        catch (Exception failure) when (failure is IOException or FormatException) // the end, or a length that is not one
        {
            throw Damaged(
                path, $"expected an entry's name at byte {reader.BaseStream.Position}, the file ends or has something else there");
        }
    }

    private static long Number(string path, BinaryReader reader, string what)
    {
        long result = 0;
        for (var shift = 0; shift < 63; shift += 7)
        {
            var next = reader.BaseStream.ReadByte();
            if (next < 0) throw Damaged(path, $"expected the {what}, the file ends");
            result |= (long)(next & 0x7f) << shift;
            if ((next & 0x80) == 0) return result;
        }
        throw Damaged(path, $"expected the {what} as a LEB128 number before byte {reader.BaseStream.Position}, got more than nine bytes");
    }

    private static int ElementSize(string path, ScalarType dtype, string key) => dtype switch
    {
        ScalarType.Byte or ScalarType.Int8 or ScalarType.Bool => 1,
        ScalarType.Int16 or ScalarType.Float16 or ScalarType.BFloat16 => 2,
        ScalarType.Int32 or ScalarType.Float32 => 4,
        ScalarType.Int64 or ScalarType.Float64 or ScalarType.ComplexFloat32 => 8,
        ScalarType.ComplexFloat64 => 16,
        _ => throw Damaged(path, $"expected the number of a dtype for '{key}', got {(int)dtype}"),
    };

    private static InvalidDataException Damaged(string path, string what)
        => new($"{path}: neither a PyTorch nor a safetensors file, and as TorchSharp's .dat: {what}.");
}
