using System;
using System.Collections.Generic;
using System.IO;
using System.Text;
using TorchSharp;
using static TorchSharp.torch;

namespace Hybrid.Models.Weights;

/// <summary>
/// The weights that an ONNX file holds: the initialisers of its graph, by their names. Of the graph's operations nothing is read.
/// </summary>
public static class OnnxWeights
{
    // Numbers of fields in onnx.proto, version 1.
    private const int GraphOfModel = 7, InitializerOfGraph = 5;
    private const int Dims = 1, DataType = 2, FloatData = 4, Name = 8, RawData = 9, DoubleData = 10, DataLocation = 14;
    private const int Single = 1, Float16 = 10, Double = 11, External = 1;
    private const int MostAxes = 64;

    /// <summary>Reads all initialisers of real numbers, onto the CPU; the caller (or the current dispose scope) owns them.</summary>
    /// <param name="path">The file, whose weights stand in it and not beside it.</param>
    /// <exception cref="InvalidDataException">The file is not such a file, is damaged, or its data stand in another file.</exception>
    public static Dictionary<string, Tensor> Load(string path)
    {
        Contents.RequireMemory(path, new FileInfo(path).Length);
        var content = File.ReadAllBytes(path);
        var tensors = new Dictionary<string, Tensor>();
        try
        {
            foreach (var graph in Fields(path, content, 0, content.Length, GraphOfModel))
            {
                foreach (var (start, end) in Fields(path, content, graph.Start, graph.End, InitializerOfGraph))
                {
                    if (ReadTensor(path, content, start, end) is not var (name, tensor)) continue;
                    if (tensors.TryAdd(name, tensor)) continue;
                    tensor.Dispose();
                    throw Damaged(path, start, $"the initialiser '{name}' is there twice");
                }
            }
            if (tensors.Count == 0) throw Damaged(path, 0, "it has no initialisers");
            return tensors;
        }
        catch
        {
            foreach (var tensor in tensors.Values) tensor.Dispose();
            throw;
        }
    }

    /// <summary>A tensor of real numbers; null for another type, which no weight has.</summary>
    private static (string Name, Tensor Tensor)? ReadTensor(string path, byte[] content, int start, int end)
    {
        var shape = new List<long>();
        var (type, name, data, isList) = (0L, "", (Start: 0, End: 0), false);
        for (var at = start; at < end;)
        {
            var field = Field(path, content, ref at, end);
            switch (field.Number)
            {
                case Dims when field.IsNumber: shape.Add(field.Value); break;
                case Dims:
                    for (var place = field.Start; place < field.End;) shape.Add((long)Number(path, content, ref place, field.End));
                    break;
                case DataType: type = field.Value; break;
                case Name: name = Encoding.UTF8.GetString(content, field.Start, field.End - field.Start); break;
                case RawData: (data, isList) = ((field.Start, field.End), false); break;
                case FloatData or DoubleData when !field.IsNumber: (data, isList) = ((field.Start, field.End), true); break;
                case DataLocation when field.Value == External:
                    throw Damaged(path, start, "its weights stand in another file; expected them in this one");
            }
        }
        var dtype = type switch
        {
            Single => ScalarType.Float32, Float16 => ScalarType.Float16, Double => ScalarType.Float64, _ => ScalarType.Bool,
        };
        if (dtype == ScalarType.Bool) return null;
        var size = dtype == ScalarType.Float64 ? 8 : dtype == ScalarType.Float32 ? 4 : 2;
        Int128 bytes = size;
        foreach (var length in shape) bytes = length < 0 || bytes > int.MaxValue ? -1 : bytes * length;
        if (shape.Count > MostAxes || bytes != data.End - data.Start || (isList && dtype == ScalarType.Float16))
            throw Damaged(
                path, start, $"the initialiser '{name}' ({string.Join(", ", shape)}) has {data.End - data.Start} bytes of data; expected "
                    + $"{(bytes < 0 ? "sizes that a file can hold" : bytes.ToString())}");
        var tensor = empty([.. shape], dtype);
        var from = data.Start;
        foreach (var piece in Pieces.Of(tensor))
        {
            content.AsSpan(from, piece.bytes.Length).CopyTo(piece.bytes);
            from += piece.bytes.Length;
        }
        return (name, tensor);
    }

    /// <summary>Places of all messages of one number in a message.</summary>
    private static IEnumerable<(int Start, int End)> Fields(string path, byte[] content, int start, int end, int number)
    {
        for (var at = start; at < end;)
        {
            var field = Field(path, content, ref at, end);
            if (field.Number == number && !field.IsNumber) yield return (field.Start, field.End);
        }
    }

    private readonly record struct ProtobufField(int Number, bool IsNumber, long Value, int Start, int End);

    private static ProtobufField Field(string path, byte[] content, ref int at, int end)
    {
        var place = at;
        var tag = Number(path, content, ref at, end);
        var number = (int)(tag >> 3);
        switch (tag & 7)
        {
            case 0: return new ProtobufField(number, true, (long)Number(path, content, ref at, end), at, at);
            case 1: return Taken(8, ref at);
            case 5: return Taken(4, ref at);
            case 2:
                var length = Number(path, content, ref at, end);
                return length <= (ulong)(end - at)
                    ? Taken((int)length, ref at)
                    : throw Damaged(path, place, $"a field of {length} bytes, and {end - at} are left");
            default: throw Damaged(path, place, $"a field of kind {tag & 7}, which protocol buffers do not have");
        }

        ProtobufField Taken(int bytes, ref int from)
        {
            if (bytes > end - from) throw Damaged(path, place, $"a field of {bytes} bytes, and {end - from} are left");
            from += bytes;
            return new ProtobufField(number, false, 0, from - bytes, from);
        }
    }

    private static ulong Number(string path, byte[] content, ref int at, int end)
    {
        var (value, place) = (0UL, at);
        for (var shift = 0; shift < 64; shift += 7)
        {
            if (at >= end) throw Damaged(path, place, "a number runs past the end");
            var next = content[at++];
            value |= (ulong)(next & 0x7f) << shift;
            if (next < 0x80) return value;
        }
        throw Damaged(path, place, "a number has more than 64 bits");
    }

    private static InvalidDataException Damaged(string path, int place, string what)
        => new($"{path}: expected an ONNX file, at byte {place}: {what}.");
}
