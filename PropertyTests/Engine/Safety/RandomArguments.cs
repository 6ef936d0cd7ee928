using System;
using System.Collections.Generic;
using System.Linq;
using System.Numerics;
using TorchSharp;
using static TorchSharp.torch;

namespace Hybrid.PropertyTests.Engine.Safety;

/// <summary>Arguments of any type that an operation takes: sensible ones, and ones that no caller should pass.</summary>
internal sealed class RandomArguments(int seed)
{
    // Sizes that fail at once rather than fill the memory.
    private static readonly long[] s_numbers = [long.MinValue, -(1L << 40), -10007, -3, -2, -1, 0, 1, 2, 3, 4, 5, 7, 10007, 1L << 40, long.MaxValue];
    private static readonly double[] s_reals = [double.NaN, double.PositiveInfinity, double.NegativeInfinity, -1e300, -1, -0.5, 0, 1e-300, 0.1, 0.5, 1, 2, 3.5, 1e300];
    private static readonly string[] s_texts = ["", "L", "U", "floor", "trunc", "mean", "none", "tanh", "fro", "nuc", "linear", "reflect", "constant", "same", "ij", "nonsense", "é"];
    private static readonly ScalarType[] s_types =
    [
        ScalarType.Float32, ScalarType.Float32, ScalarType.Float64, ScalarType.Int64, ScalarType.Int32, ScalarType.Bool, ScalarType.Byte, ScalarType.Int8, ScalarType.Int16,
        ScalarType.Float16, ScalarType.BFloat16, ScalarType.ComplexFloat32, ScalarType.ComplexFloat64,
    ];

    private readonly Random _random = new(seed);
    private readonly Generator _generator = new((ulong)seed);
    private long[] _shape = [];
    private ScalarType _type;

    /// <summary>Starts a new call: most of its tensors will be alike, so that it gets past the first checks.</summary>
    public void Renew()
    {
        _shape = Shape();
        _type = Pick(s_types);
    }

    public object? Of(Type type, bool mayBeNull)
    {
        if (mayBeNull && _random.Next(4) == 0)
        {
            return null;
        }

        type = Nullable.GetUnderlyingType(type) ?? type;
        return type switch
        {
            _ when type == typeof(Tensor) => Tensor(),
            _ when type == typeof(Scalar) => Scalar(),
            _ when type == typeof(long) => Number(),
            _ when type == typeof(int) => (int)Math.Clamp(Number(), int.MinValue, int.MaxValue),
            _ when type == typeof(double) => Real(),
            _ when type == typeof(float) => (float)Real(),
            _ when type == typeof(bool) => _random.Next(2) == 0,
            _ when type == typeof(string) => Pick(s_texts),
            _ when type == typeof(long[]) => Numbers(),
            _ when type == typeof(double[]) => Enumerable.Range(0, _random.Next(4)).Select(_ => Real()).ToArray(),
            _ when type == typeof(Tensor[]) || type == typeof(IList<Tensor>) || type == typeof(IEnumerable<Tensor>) =>
                Enumerable.Range(0, _random.Next(5)).Select(_ => Tensor()).ToArray(),
            _ when type == typeof((long, long)) => (Number(), Number()),
            _ when type == typeof((long, long, long)) => (Number(), Number(), Number()),
            _ when type == typeof((long, long, long, long)) => (Number(), Number(), Number(), Number()),
            _ when type == typeof(ScalarType) => Pick(s_types),
            _ when type == typeof(Device) => _random.Next(8) == 0 ? META : CPU,
            _ when type == typeof(Generator) => _generator,
            _ when type.IsEnum => Enum.ToObject(type, _random.Next(-1, 5)),
            _ => throw new NotSupportedException($"no random argument of type {type}"),
        };
    }

    private T Pick<T>(T[] items) => items[_random.Next(items.Length)];

    private long Number() => _random.Next(6) == 0 ? Pick(s_numbers) : _random.Next(-2, 5);

    private double Real() => _random.Next(3) == 0 ? Pick(s_reals) : _random.NextDouble() * 2;

    private long[] Numbers() => Enumerable.Range(0, _random.Next(6)).Select(_ => Number()).ToArray();

    private long[] Shape() => Enumerable.Range(0, _random.Next(6)).Select(_ => _random.Next(10) == 0 ? 0L : _random.Next(1, 5)).ToArray();

    private Scalar Scalar() => _random.Next(5) switch
    {
        0 => Number(),
        1 => Real(),
        2 => _random.Next(2) == 0,
        3 => new Complex(Real(), Real()),
        _ => (int)_random.Next(-2, 4),
    };

    private Tensor Tensor()
    {
        var shape = _random.Next(3) == 0 ? Shape() : _shape;
        var type = _random.Next(4) == 0 ? Pick(s_types) : _type;
        if (_random.Next(40) == 0)
        {
            return zeros(shape, type, META);
        }

        var values = _random.Next(8) switch
        {
            0 => full(shape, _random.Next(-1, 3), type),
            1 when is_integral(type) && type is not (ScalarType.Bool or ScalarType.Byte) => full(shape, Smallest(type), type),
            2 when is_floating_point(type) => full(shape, Pick(s_reals), ScalarType.Float64).to(type),
            _ => is_integral(type) ? randint(type is ScalarType.Bool or ScalarType.Byte ? 0 : -1, type == ScalarType.Bool ? 2 : 4, shape, ScalarType.Int64, generator: _generator).to(type)
                : randn(shape, ScalarType.Float32, generator: _generator).to(type),
        };
        if (_random.Next(5) == 0 && values.ndim >= 2)
        {
            values = values.transpose(0, 1);
        }

        if (_random.Next(6) == 0 && !is_integral(type))
        {
            values = values.detach().requires_grad_();
        }

        return values;
    }

    private static long Smallest(ScalarType type) => type switch
    {
        ScalarType.Int8 => sbyte.MinValue,
        ScalarType.Int16 => short.MinValue,
        ScalarType.Int32 => int.MinValue,
        _ => long.MinValue,
    };
}
