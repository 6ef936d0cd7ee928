using System;
using System.Numerics;
using Hybrid.Torch;

namespace TorchSharp;

/// <summary>A number of one of the element types, as an argument of an operation. Holds no native memory.</summary>
public sealed class Scalar : IDisposable
{
    internal Scalar(Value value, torch.ScalarType type)
    {
        Value = value;
        Type = type;
    }

    public torch.ScalarType Type { get; }

    internal Value Value { get; }

    public static implicit operator Scalar(byte value) => new(Value.From((long)value), torch.ScalarType.Byte);

    public static implicit operator Scalar(sbyte value) => new(Value.From((long)value), torch.ScalarType.Int8);

    public static implicit operator Scalar(short value) => new(Value.From((long)value), torch.ScalarType.Int16);

    public static implicit operator Scalar(int value) => new(Value.From((long)value), torch.ScalarType.Int32);

    public static implicit operator Scalar(long value) => new(Value.From(value), torch.ScalarType.Int64);

    public static implicit operator Scalar(Half value) => new(Value.From((double)value), torch.ScalarType.Float16);

    public static implicit operator Scalar(BFloat16 value) => new(Value.From((double)value.ToSingle()), torch.ScalarType.BFloat16);

    public static implicit operator Scalar(float value) => new(Value.From((double)value), torch.ScalarType.Float32);

    public static implicit operator Scalar(double value) => new(Value.From(value), torch.ScalarType.Float64);

    public static implicit operator Scalar(bool value) => new(Value.From(value), torch.ScalarType.Bool);

    public static implicit operator Scalar((float, float) value) => new(Complex64(value.Item1, value.Item2), torch.ScalarType.ComplexFloat32);

    public static implicit operator Scalar(Complex value) => new(Complex64(value.Real, value.Imaginary), torch.ScalarType.ComplexFloat64);

    /// <summary>Nothing to release; present for TorchSharp's sake.</summary>
    public void Dispose()
    {
    }

    internal double Real => Value.Tag is ValueTag.Integer or ValueTag.Bool ? Value.Integer : Value.Real;

    internal long Whole => Value.Tag is ValueTag.Integer or ValueTag.Bool ? Value.Integer : checked((long)Value.Real);

    internal Complex Number => new(Real, Value.Tag == ValueTag.Complex ? Value.Imaginary : 0);

    private static Value Complex64(double real, double imaginary) => new() { Tag = ValueTag.Complex, Real = real, Imaginary = imaginary };
}

public static class ScalarExtensionMethods
{
    public static Scalar ToScalar(this byte value) => value;

    public static Scalar ToScalar(this sbyte value) => value;

    public static Scalar ToScalar(this short value) => value;

    public static Scalar ToScalar(this int value) => value;

    public static Scalar ToScalar(this long value) => value;

    public static Scalar ToScalar(this Half value) => value;

    public static Scalar ToScalar(this BFloat16 value) => value;

    public static Scalar ToScalar(this float value) => value;

    public static Scalar ToScalar(this double value) => value;

    public static Scalar ToScalar(this bool value) => value;

    public static Scalar ToScalar(this (float, float) value) => value;

    public static Scalar ToScalar(this Complex value) => value;

    public static Scalar ToBFloat16Scalar(this float value) => new BFloat16(value);

    public static byte ToByte(this Scalar value) => unchecked((byte)value.Whole);

    public static sbyte ToSByte(this Scalar value) => unchecked((sbyte)value.Whole);

    public static short ToInt16(this Scalar value) => unchecked((short)value.Whole);

    public static int ToInt32(this Scalar value) => unchecked((int)value.Whole);

    public static long ToInt64(this Scalar value) => value.Whole;

    public static Half ToHalf(this Scalar value) => (Half)value.Real;

    public static BFloat16 ToBFloat16(this Scalar value) => new((float)value.Real);

    public static float ToSingle(this Scalar value) => (float)value.Real;

    public static double ToDouble(this Scalar value) => value.Real;

    public static bool ToBoolean(this Scalar value) => value.Number != Complex.Zero;

    public static (float Real, float Imaginary) ToComplexFloat32(this Scalar value) => ((float)value.Number.Real, (float)value.Number.Imaginary);

    public static Complex ToComplexFloat64(this Scalar value) => value.Number;
}
