using System;
using Hybrid.Torch;

namespace TorchSharp;

// Single numbers from a generator.
public static partial class torch
{
    public static bool randint_bool(Generator? generator = null) => randint_long(0, 2, generator) == 1;

    public static int randint_int(int high, Generator? generator = null) => checked((int)randint_long(0, high, generator));

    public static int randint_int(int low, int high, Generator? generator = null) => checked((int)randint_long(low, high, generator));

    public static long randint_long(long high, Generator? generator = null) => randint_long(0, high, generator);

    /// <summary>From [low, high).</summary>
    public static long randint_long(long low, long high, Generator? generator = null)
    {
        using var drawn = RawOperations.randint(low, high, [], generator, ScalarType.Int64, null, CPU);
        return drawn.item<long>();
    }

    /// <summary>Uniform on [0, 1).</summary>
    public static double rand_float(Generator? generator = null)
    {
        using var drawn = RawOperations.rand([], generator, ScalarType.Float32, null, CPU);
        return drawn.item<float>();
    }

    /// <summary>From the standard normal distribution.</summary>
    public static double randn_float(Generator? generator = null)
    {
        using var drawn = RawOperations.randn([], generator, ScalarType.Float32, null, CPU);
        return drawn.item<float>();
    }
}
