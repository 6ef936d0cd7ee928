using System;
using System.Collections.Generic;
using System.Linq;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using TorchSharp;
using static TorchSharp.torch;

namespace Hybrid.Torch;

/// <summary>What TorchSharp's many overloads of creating a tensor have in common.</summary>
internal static unsafe class Creation
{
    public static Tensor Zeros(ReadOnlySpan<long> size, ScalarType? dtype, Device? device, bool requiresGrad, string[]? names) =>
        Finish(RawOperations.zeros(size, Floating(dtype), null, Where(device)), requiresGrad, names);

    public static Tensor Ones(ReadOnlySpan<long> size, ScalarType? dtype, Device? device, bool requiresGrad, string[]? names) =>
        Finish(RawOperations.ones(size, Floating(dtype), null, Where(device)), requiresGrad, names);

    public static Tensor Empty(ReadOnlySpan<long> size, ScalarType? dtype, Device? device, bool requiresGrad, string[]? names) =>
        Finish(RawOperations.empty(size, Floating(dtype), null, Where(device)), requiresGrad, names);

    public static Tensor Full(ReadOnlySpan<long> size, Scalar value, ScalarType? dtype, Device? device, bool requiresGrad, string[]? names) =>
        Finish(RawOperations.full(size, value, Floating(dtype), null, Where(device)), requiresGrad, names);

    public static Tensor Rand(ReadOnlySpan<long> size, ScalarType? dtype, Device? device, bool requiresGrad, Generator? generator, string[]? names) =>
        Finish(RawOperations.rand(size, generator, Floating(dtype), null, Where(device)), requiresGrad, names);

    public static Tensor Randn(ReadOnlySpan<long> size, ScalarType? dtype, Device? device, bool requiresGrad, Generator? generator, string[]? names) =>
        Finish(RawOperations.randn(size, generator, Floating(dtype), null, Where(device)), requiresGrad, names);

    /// <summary>Integers in [low, high).</summary>
    public static Tensor Randint(
        ReadOnlySpan<long> size, long low, long high, ScalarType? dtype, Device? device, bool requiresGrad, Generator? generator, string[]? names) =>
        Finish(RawOperations.randint(low, high, size, generator, dtype ?? ScalarType.Int64, null, Where(device)), requiresGrad, names);

    /// <summary>Copies values, given row-major, into a new tensor.</summary>
    public static Tensor FromValues<T>(ReadOnlySpan<T> values, ReadOnlySpan<long> size, ScalarType? dtype, Device? device, bool requiresGrad, string[]? names)
        where T : unmanaged
    {
        var made = DTypeOf<T>();
        CheckCount(values.Length, size);
        Tensor tensor;
        fixed (T* p = values)
        fixed (long* s = size)
        {
            tensor = new Tensor(NativeFailure.Check(Native.hybrid_from_copy(p, s, size.Length, (int)made)), values.Length * (long)sizeof(T));
        }

        return Finish(Place(tensor, dtype, device), requiresGrad, names);
    }

    /// <summary>A tensor over a pinned array: no copy, writes are seen on both sides, the array stays pinned while any view lives.</summary>
    public static Tensor Wrap<T>(T[] values, ReadOnlySpan<long> size, ScalarType? dtype, Device? device) where T : unmanaged
    {
        ArgumentNullException.ThrowIfNull(values);
        CheckCount(values.Length, size);
        return Place(FromPinned(values, 0, size, DTypeOf<T>()), dtype, device);
    }

    public static Tensor FromPinned(Array values, long byteOffset, ReadOnlySpan<long> size, ScalarType dtype)
    {
        var pin = GCHandle.Alloc(values, GCHandleType.Pinned);
        fixed (long* s = size)
        {
            var handle = Native.hybrid_from_memory(
                pin.AddrOfPinnedObject() + (nint)byteOffset, s, size.Length, (int)dtype, &Unpin, GCHandle.ToIntPtr(pin));
            if (handle == 0)
            {
                pin.Free();
                NativeFailure.Throw();
            }

            return new Tensor(handle, 0);
        }
    }

    /// <summary>The elements of a list, without a copy where it is an array or a List.</summary>
    public static ReadOnlySpan<T> Elements<T>(IList<T> values)
    {
        ArgumentNullException.ThrowIfNull(values);
        return values switch
        {
            T[] array => array,
            List<T> list => CollectionsMarshal.AsSpan(list),
            _ => values.ToArray(),
        };
    }

    /// <summary>The elements of a multidimensional array, row-major, without a copy.</summary>
    public static ReadOnlySpan<T> Elements<T>(Array values) where T : unmanaged
    {
        ArgumentNullException.ThrowIfNull(values);
        return values.Length == 0 ? [] : MemoryMarshal.CreateReadOnlySpan(ref Unsafe.As<byte, T>(ref MemoryMarshal.GetArrayDataReference(values)), values.Length);
    }

    public static ScalarType DTypeOf<T>() => DTypeOf(typeof(T));

    public static ScalarType DTypeOf(Type type) =>
        type == typeof(float) ? ScalarType.Float32
        : type == typeof(double) ? ScalarType.Float64
        : type == typeof(long) ? ScalarType.Int64
        : type == typeof(int) ? ScalarType.Int32
        : type == typeof(bool) ? ScalarType.Bool
        : type == typeof(byte) ? ScalarType.Byte
        : type == typeof(sbyte) ? ScalarType.Int8
        : type == typeof(short) ? ScalarType.Int16
        : type == typeof(Half) ? ScalarType.Float16
        : type == typeof(BFloat16) ? ScalarType.BFloat16
        : type == typeof((float, float)) ? ScalarType.ComplexFloat32
        : type == typeof(System.Numerics.Complex) ? ScalarType.ComplexFloat64
        : throw new NotSupportedException($"No tensor has elements of type {type.Name}; expected one of float, double, long, int, short, sbyte, byte, bool, Half, BFloat16, (float, float), Complex.");

    public static Tensor Finish(Tensor tensor, bool requiresGrad, string[]? names)
    {
        if (names is { Length: > 0 })
        {
            tensor.SetNames(names);
        }

        return requiresGrad ? tensor.requires_grad_(true) : tensor;
    }

    public static ScalarType Floating(ScalarType? dtype) => dtype ?? get_default_dtype();

    public static Device Where(Device? device) => InitializeDevice(device);

    private static Tensor Place(Tensor tensor, ScalarType? dtype, Device? device)
    {
        device = Where(device);
        var sameType = dtype is null || dtype == tensor.dtype;
        if (sameType && device.type == DeviceType.CPU)
        {
            return tensor;
        }

        using (tensor)
        {
            return tensor.to(dtype ?? tensor.dtype, device);
        }
    }

    private static void CheckCount(long count, ReadOnlySpan<long> size)
    {
        var expected = 1L;
        foreach (var s in size)
        {
            expected *= s;
        }

        if (expected != count)
        {
            throw new ArgumentException($"mismatched total size creating a tensor from an array: shape [{string.Join(", ", size.ToArray())}] has {expected} elements, the array {count}.");
        }
    }

    [UnmanagedCallersOnly]
    private static void Unpin(nint context) => GCHandle.FromIntPtr(context).Free();
}
