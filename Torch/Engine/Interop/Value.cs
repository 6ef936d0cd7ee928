using System;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Text;
using TorchSharp;
using static TorchSharp.torch;

namespace Hybrid.Torch;

internal enum ValueTag
{
    None = 0, Tensor = 1, Integer = 2, Real = 3, Bool = 4, Complex = 5, Integers = 6, Reals = 7, Bools = 8, Tensors = 9, OptionalTensors = 10,
    Text = 11, Device = 12, Generator = 13, Scalars = 14,
}

/// <summary>An argument or result of a boxed call. Mirrors <c>hybrid::Value</c> in Torch/Native/value.h.</summary>
[StructLayout(LayoutKind.Explicit, Size = 24)]
internal unsafe struct Value
{
    [FieldOffset(0)] public ValueTag Tag;
    [FieldOffset(4)] public int Count;
    [FieldOffset(8)] public long Integer;
    [FieldOffset(8)] public double Real;
    [FieldOffset(8)] public nint Pointer;
    [FieldOffset(16)] public double Imaginary;

    /// <summary>For a result tensor: bytes of a storage that nobody else holds, 0 for views.</summary>
    [FieldOffset(16)] public long Bytes;

    public static Value None => default;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Value From(Tensor? tensor) => tensor is null ? default : new Value { Tag = ValueTag.Tensor, Pointer = tensor.Handle };

    public static Value From(Generator? generator) => generator is null ? default : new Value { Tag = ValueTag.Generator, Pointer = generator.Handle };

    public static Value From(long value) => new() { Tag = ValueTag.Integer, Integer = value };

    public static Value From(long? value) => value is { } v ? From(v) : default;

    public static Value From(double value) => new() { Tag = ValueTag.Real, Real = value };

    public static Value From(double? value) => value is { } v ? From(v) : default;

    public static Value From(bool value) => new() { Tag = ValueTag.Bool, Integer = value ? 1 : 0 };

    public static Value From(bool? value) => value is { } v ? From(v) : default;

    public static Value From(Scalar? value) => value is null ? default : value.Value;

    public static Value From(ScalarType value) => From((long)value);

    public static Value From(ScalarType? value) => value is { } v ? From((long)v) : default;

    public static Value From(TorchSharp.torch.Device? device) =>
        device is null ? default : new Value { Tag = ValueTag.Device, Count = (int)device.type, Integer = device.index };

    /// <summary>A pinned list; a negative length stands for null.</summary>
    public static Value List(long* items, int length) => Pinned(ValueTag.Integers, items, length);

    public static Value List(double* items, int length) => Pinned(ValueTag.Reals, items, length);

    public static Value List(bool* items, int length) => Pinned(ValueTag.Bools, items, length);

    public static Value List(nint* items, int length) => Pinned(ValueTag.Tensors, items, length);

    public static Value Text(byte* utf8, int length) => Pinned(ValueTag.Text, utf8, length);

    public static byte[] Utf8(string? text) => text is null ? [] : Encoding.UTF8.GetBytes(text);

    private static Value Pinned(ValueTag tag, void* items, int length) =>
        length < 0 ? default : new Value { Tag = tag, Count = length, Pointer = (nint)items };
}
