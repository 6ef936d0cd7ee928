using System;
using System.Linq;
using static TorchSharp.torch;

namespace Hybrid.Models.Weights;

/// <summary>An element type of the format.</summary>
internal readonly record struct SafetensorsType(string Name, ScalarType Dtype, int Bytes)
{
    private static readonly SafetensorsType[] All =
    [
        new("F64", ScalarType.Float64, 8), new("F32", ScalarType.Float32, 4),
        new("F16", ScalarType.Float16, 2), new("BF16", ScalarType.BFloat16, 2),
        new("I64", ScalarType.Int64, 8), new("I32", ScalarType.Int32, 4), new("I16", ScalarType.Int16, 2), new("I8", ScalarType.Int8, 1),
        new("U8", ScalarType.Byte, 1), new("BOOL", ScalarType.Bool, 1),
    ];

    public static string Names => string.Join(", ", All.Select(type => type.Name));

    public static SafetensorsType? Named(string? name)
        => All.Where(type => type.Name == name).Select(type => (SafetensorsType?)type).FirstOrDefault();

    public static SafetensorsType Of(ScalarType dtype, string key)
    {
        foreach (var type in All)
        {
            if (type.Dtype == dtype) return type;
        }
        throw new ArgumentException($"Safetensors.Save: '{key}' has dtype {dtype}; the format has {Names}.", nameof(dtype));
    }
}
