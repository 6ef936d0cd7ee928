using System;
using System.Collections.Generic;
using System.Linq;
using System.Numerics;
using Hybrid.Torch;

namespace TorchSharp;

public static partial class TensorExtensionMethods
{
    public static byte ToByte(this torch.Tensor value) => value.ToScalar().ToByte();

    public static sbyte ToSByte(this torch.Tensor value) => value.ToScalar().ToSByte();

    public static short ToInt16(this torch.Tensor value) => value.ToScalar().ToInt16();

    public static int ToInt32(this torch.Tensor value) => value.ToScalar().ToInt32();

    public static long ToInt64(this torch.Tensor value) => value.ToScalar().ToInt64();

    public static Half ToHalf(this torch.Tensor value) => value.ToScalar().ToHalf();

    public static BFloat16 ToBFloat16(this torch.Tensor value) => value.ToScalar().ToBFloat16();

    public static float ToSingle(this torch.Tensor value) => value.ToScalar().ToSingle();

    public static double ToDouble(this torch.Tensor value) => value.ToScalar().ToDouble();

    public static bool ToBoolean(this torch.Tensor value) => value.ToScalar().ToBoolean();

    public static (float Real, float Imaginary) ToComplexFloat32(this torch.Tensor value) => value.ToScalar().ToComplexFloat32();

    public static Complex ToComplexFloat64(this torch.Tensor value) => value.ToScalar().ToComplexFloat64();

    public static (float Real, float Imaginary) ToComplex32(this torch.Tensor value) => value.ToScalar().ToComplexFloat32();

    public static Complex ToComplex64(this torch.Tensor value) => value.ToScalar().ToComplexFloat64();

    public static Modules.Parameter AsParameter(this torch.Tensor tensor) => new(tensor);

    /// <summary>A scalar tensor of the number's type.</summary>
    public static torch.Tensor ToTensor<T>(this T scalar, torch.Device? device = null, bool requires_grad = false) where T : struct => (object)scalar switch
    {
        byte v => torch.tensor(v, device, requires_grad),
        sbyte v => torch.tensor(v, device, requires_grad),
        short v => torch.tensor(v, device, requires_grad),
        int v => torch.tensor(v, device, requires_grad),
        long v => torch.tensor(v, device: device, requires_grad: requires_grad),
        float v => torch.tensor(v, device, requires_grad),
        double v => torch.tensor(v, device: device, requires_grad: requires_grad),
        bool v => torch.tensor(v, device: device, requires_grad: requires_grad),
        Half v => Creation.FromValues<Half>([v], [], null, device, requires_grad, null),
        BFloat16 v => torch.tensor(v, device: device, requires_grad: requires_grad),
        ValueTuple<float, float> v => torch.tensor(v, device: device, requires_grad: requires_grad),
        Complex v => torch.tensor(v, device: device, requires_grad: requires_grad),
        _ => throw new NotSupportedException($"Creating a tensor of type {typeof(T).Name} is not supported."),
    };

    /// <summary>A tensor over the array, or with a copy of it.</summary>
    public static torch.Tensor ToTensor<T>(this T[] rawArray, long[] dimensions, bool doCopy = false, bool requires_grad = false)
    {
        var source = doCopy ? (T[])rawArray.Clone() : rawArray;
        var count = dimensions.Aggregate(1L, (a, b) => a * b);
        if (count != rawArray.Length)
        {
            throw new ArgumentException($"ToTensor: shape [{string.Join(", ", dimensions)}] has {count} elements, the array {rawArray.Length}.", nameof(dimensions));
        }

        return Creation.Finish(Creation.FromPinned(source, 0, dimensions, Creation.DTypeOf<T>()), requires_grad, null);
    }

    /// <summary>Bytes of one element.</summary>
    public static int ElementSize(this torch.ScalarType type) => type switch
    {
        torch.ScalarType.Byte or torch.ScalarType.Int8 or torch.ScalarType.Bool or torch.ScalarType.QInt8 or torch.ScalarType.QUInt8 => 1,
        torch.ScalarType.Int16 or torch.ScalarType.Float16 or torch.ScalarType.BFloat16 => 2,
        torch.ScalarType.Int32 or torch.ScalarType.Float32 or torch.ScalarType.QInt32 => 4,
        torch.ScalarType.Int64 or torch.ScalarType.Float64 or torch.ScalarType.ComplexFloat32 => 8,
        torch.ScalarType.ComplexFloat64 => 16,
        _ => throw new NotSupportedException($"ElementSize: no size known for {type}."),
    };

    public static long TotalSize(this IEnumerable<long> shape) => shape.Aggregate(1L, (a, b) => a * b);

    public static ReadOnlySpan<int> IntShape(this torch.Tensor tensor) => Array.ConvertAll(tensor.shape, s => checked((int)s));
}
