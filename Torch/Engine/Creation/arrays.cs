using System;
using System.Linq;
using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Hybrid.Torch;

namespace TorchSharp;

// Tensors from arrays of any rank and over memory.
public static partial class torch
{
    /// <summary>Copies an array of any rank.</summary>
    public static Tensor from_array(Array rawArray, Device? device = null) => from_array(rawArray, null, device);

    public static Tensor from_array(Array rawArray, ScalarType? dtype, Device? device = null, bool requires_grad = false, string[]? names = null)
    {
        ArgumentNullException.ThrowIfNull(rawArray);
        var size = Enumerable.Range(0, rawArray.Rank).Select(rawArray.GetLongLength).ToArray();
        return Creation.DTypeOf(rawArray.GetType().GetElementType()!) switch
        {
            ScalarType.Byte => Make<byte>(),
            ScalarType.Int8 => Make<sbyte>(),
            ScalarType.Int16 => Make<short>(),
            ScalarType.Int32 => Make<int>(),
            ScalarType.Int64 => Make<long>(),
            ScalarType.Float16 => Make<Half>(),
            ScalarType.BFloat16 => Make<BFloat16>(),
            ScalarType.Float32 => Make<float>(),
            ScalarType.Float64 => Make<double>(),
            ScalarType.Bool => Make<bool>(),
            ScalarType.ComplexFloat32 => Make<(float, float)>(),
            _ => Make<Complex>(),
        };

        Tensor Make<T>() where T : unmanaged => Creation.FromValues(Creation.Elements<T>(rawArray), size, dtype, device, requires_grad, names);
    }

    /// <summary>The tensor itself, converted where type or device differ.</summary>
    public static Tensor as_tensor(Tensor data, ScalarType? dtype = null, Device? device = null) =>
        (dtype is null || dtype == data.dtype) && (device is null || device.type == data.device_type) ? data.alias() : data.to(dtype ?? data.dtype, device ?? data.device);

    /// <summary>
    /// A one-dimensional tensor over the memory of an array, without a copy: count elements of the given type from a byte offset on.
    /// </summary>
    public static Tensor frombuffer(Array rawArray, ScalarType dtype, long count = -1, long offset = 0, bool requires_grad = false)
    {
        ArgumentNullException.ThrowIfNull(rawArray);
        var element = dtype.ElementSize();
        var bytes = ByteLength(rawArray);
        if (offset < 0 || offset > bytes)
        {
            throw new ArgumentOutOfRangeException(nameof(offset), offset, $"frombuffer: the offset lies outside the array's {bytes} bytes.");
        }

        if (count < 0)
        {
            count = (bytes - offset) / element;
        }

        if (offset + (count * element) > bytes)
        {
            throw new ArgumentException($"frombuffer: {count} elements of {dtype} from byte {offset} on need {offset + (count * element)} bytes, the array has {bytes}.", nameof(count));
        }

        return Creation.Finish(Creation.FromPinned(rawArray, offset, [count], dtype), requires_grad, null);
    }

    private static long ByteLength(Array array) => array.LongLength * Creation.DTypeOf(array.GetType().GetElementType()!).ElementSize();
}
