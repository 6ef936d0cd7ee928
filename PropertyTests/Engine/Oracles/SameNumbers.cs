using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Security.Cryptography;
using System.Text.Json;
using Xunit;
using static TorchSharp.torch;

namespace Hybrid.PropertyTests.Engine.Oracles;

/// <summary>PyTorch's numbers, stored with the command that made them (bench/peers/same_numbers.py).</summary>
internal static class SameNumbers
{
    public static JsonElement Root { get; } =
        JsonDocument.Parse(File.ReadAllBytes(Path.Combine(AppContext.BaseDirectory, "Oracles", "same_numbers.json"))).RootElement;

    public static double[] Doubles(this JsonElement element) => element.EnumerateArray().Select(e => e.GetDouble()).ToArray();

    public static long[] Longs(this JsonElement element) => element.EnumerateArray().Select(e => e.GetInt64()).ToArray();

    /// <summary>The script's digest: SHA-256 of the bytes in C order, first 16 hexadecimal digits.</summary>
    public static string Digest(Tensor tensor)
    {
        using var data = tensor.detach().contiguous();
        return Convert.ToHexStringLower(SHA256.HashData(data.bytes))[..16];
    }

    /// <summary>Every tensor of the state has PyTorch's key, shape and bytes, and there are no others.</summary>
    public static void AssertState(JsonElement expected, Dictionary<string, Tensor> state, string what)
    {
        var keys = expected.EnumerateArray().Select(e => e.GetProperty("key").GetString()!).Order().ToArray();
        Assert.Equal(keys, state.Keys.Order());
        foreach (var entry in expected.EnumerateArray())
        {
            var key = entry.GetProperty("key").GetString()!;
            var tensor = state[key];
            Assert.True(entry.GetProperty("shape").Longs().SequenceEqual(tensor.shape), $"{what}, {key}: shape ({string.Join(", ", tensor.shape)})");
            Assert.True(entry.GetProperty("digest").GetString() == Digest(tensor),
                $"{what}, {key}: other bytes than PyTorch's; starts {string.Join(", ", First(tensor, 3))}, expected {entry.GetProperty("first").GetRawText()}");
        }
    }

    /// <summary>Shape, first elements, sum and sum of absolute values agree.</summary>
    public static void AssertSamples(JsonElement expected, Tensor actual, string what, double relative = 1e-5)
    {
        Assert.True(expected.GetProperty("shape").Longs().SequenceEqual(actual.shape),
            $"{what}: expected shape {expected.GetProperty("shape").GetRawText()}, got ({string.Join(", ", actual.shape)})");
        using var flat = actual.detach().to(ScalarType.Float64).flatten();
        var elements = flat.data<double>().ToArray();
        var scale = expected.GetProperty("abs").GetDouble() / Math.Max(1, elements.Length);
        var first = expected.GetProperty("first").Doubles();
        for (var i = 0; i < first.Length; i++) AssertClose(first[i], elements[i], relative, relative * scale, $"{what}, element {i}");
        AssertClose(expected.GetProperty("sum").GetDouble(), elements.Sum(), 0, relative * expected.GetProperty("abs").GetDouble() + 1e-12, $"{what}, sum");
        AssertClose(expected.GetProperty("abs").GetDouble(), elements.Sum(Math.Abs), relative, 1e-12, $"{what}, sum of absolute values");
    }

    public static void AssertClose(double expected, double actual, double relative, double absolute, string what)
    {
        if (expected.Equals(actual)) return;
        Assert.True(Math.Abs(expected - actual) <= absolute + relative * Math.Abs(expected), $"{what}: expected {expected:R}, got {actual:R}");
    }

    private static double[] First(Tensor tensor, int count)
    {
        using var flat = tensor.detach().to(ScalarType.Float64).flatten();
        return flat.data<double>().ToArray().Take(count).ToArray();
    }
}
