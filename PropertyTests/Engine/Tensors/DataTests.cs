using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Numerics;
using FsCheck;
using FsCheck.Fluent;
using TorchSharp;
using Xunit;
using static TorchSharp.torch;

namespace Hybrid.PropertyTests.Engine.Tensors;

/// <summary>What goes into a tensor comes out, for every element type, shape and way in or out.</summary>
public sealed class DataTests
{
    [Fact]
    public void EveryElementType_RoundTrips()
    {
        RoundTrip(new byte[] { 0, 1, 255 }, ScalarType.Byte, tensor);
        RoundTrip(new sbyte[] { -128, 0, 127 }, ScalarType.Int8, tensor);
        RoundTrip(new short[] { short.MinValue, 7, short.MaxValue }, ScalarType.Int16, tensor);
        RoundTrip([int.MinValue, 7, int.MaxValue], ScalarType.Int32, tensor);
        RoundTrip([long.MinValue, 7, long.MaxValue], ScalarType.Int64, tensor);
        RoundTrip([(Half)1.5, (Half)(-2), Half.MaxValue], ScalarType.Float16, tensor);
        RoundTrip([new BFloat16(1.5f), new BFloat16(-3e38f), BFloat16.Epsilon], ScalarType.BFloat16, tensor);
        RoundTrip([float.MinValue, float.Epsilon, float.PositiveInfinity], ScalarType.Float32, tensor);
        RoundTrip([double.MinValue, double.Epsilon, double.NegativeInfinity], ScalarType.Float64, tensor);
        RoundTrip([true, false, true], ScalarType.Bool, tensor);
        RoundTrip([(1f, -2f), (0f, 3f), (4f, 0f)], ScalarType.ComplexFloat32, tensor);
        RoundTrip([new Complex(1, -2), Complex.ImaginaryOne, Complex.Zero], ScalarType.ComplexFloat64, tensor);
    }

    private delegate Tensor Maker<T>(T[] values, ScalarType? dtype = null, Device? device = null, bool requires_grad = false, string[]? names = null);

    private static void RoundTrip<T>(T[] values, ScalarType type, Maker<T> make) where T : unmanaged
    {
        using var scope = NewDisposeScope();
        var t = make(values);
        Assert.Equal(type, t.dtype);
        Assert.Equal(values, t.data<T>().ToArray());
        Assert.Equal(values[1], t[1].item<T>());
        Assert.Equal(values, t.data<T>());
        using var stream = new MemoryStream();
        t.WriteBytesToStream(stream);
        stream.Position = 0;
        var back = empty_like(t);
        back.ReadBytesFromStream(stream);
        Assert.True(t.Equals(back), $"{type}: bytes read are not the bytes written");
        back.zero_();
        back.bytes = t.bytes;
        Assert.Equal(values, back.data<T>().ToArray());
        var rows = from_array(new[,] { { values[0], values[1] }, { values[2], values[0] } });
        Assert.Equal([2L, 2L], rows.shape);
        Assert.Equal(new[,] { { values[0], values[1] }, { values[2], values[0] } }, rows.data<T>().ToNDArray());
        Assert.Equal([values[0], values[2], values[1], values[0]], rows.t().data<T>().ToArray());
    }

    [Fact]
    public void StridedViews_ReadAndWriteInRowMajorOrder() => Check.One(Seeded.Cases(100), Prop.ForAll(
        Gen.Choose(1, 5).ListOf(3).ToArbitrary(),
        sizes =>
        {
            using var scope = NewDisposeScope();
            var shape = sizes.Select(s => (long)s).ToArray();
            var t = arange(shape.Aggregate(1L, (a, b) => a * b)).reshape(shape).permute(2, 0, 1);
            var expected = new List<long>();
            for (var k = 0L; k < shape[2]; k++)
            {
                for (var i = 0L; i < shape[0]; i++)
                {
                    for (var j = 0L; j < shape[1]; j++)
                    {
                        expected.Add((((i * shape[1]) + j) * shape[2]) + k);
                        Assert.Equal(expected[^1], t.data<long>()[k, i, j]);
                    }
                }
            }

            Assert.Equal(expected, t.data<long>().ToArray());
            var values = Enumerable.Range(100, expected.Count).Select(v => (long)v).ToArray();
            t.data<long>().CopyFrom(values);
            Assert.Equal(values, t.contiguous().data<long>().ToArray());
            return true;
        }));

    [Fact]
    public void FromBuffer_SharesMemory_AndKeepsTheArrayAlive()
    {
        using var scope = NewDisposeScope();
        var values = new float[] { 1, 2, 3, 4 };
        var t = frombuffer(values, ScalarType.Float32, count: 2, offset: 8);
        Assert.Equal([3f, 4f], t.data<float>().ToArray());
        t.mul_(10);
        Assert.Equal([1f, 2f, 30f, 40f], values);
        values[3] = 7;
        Assert.Equal(7f, t[1].item<float>());
        var alone = Alone();
        GC.Collect();
        GC.WaitForPendingFinalizers();
        Assert.Equal(Enumerable.Range(0, 100_000).Sum(i => (double)i), alone.sum().item<double>());

        static Tensor Alone() => as_tensor(Enumerable.Range(0, 100_000).Select(i => (double)i).ToArray());
    }

    [Fact]
    public void WrongReads_AreRefused()
    {
        using var scope = NewDisposeScope();
        var t = ones(2, 3);
        Assert.Contains("not compatible with Float32", Assert.Throws<ArgumentException>(() => t.data<double>()).Message, StringComparison.Ordinal);
        Assert.Contains("must be 1, got 6", Assert.Throws<ArgumentException>(() => t.item<float>()).Message, StringComparison.Ordinal);
        Assert.Throws<IndexOutOfRangeException>(() => t.data<float>()[2, 0]);
        Assert.Throws<IndexOutOfRangeException>(() => t.ReadCpuSingle(6));
        Assert.Contains("non-contiguous", Assert.Throws<InvalidOperationException>(() => t.t().bytes.Length).Message, StringComparison.Ordinal);
        Assert.Contains("has 6 elements, the array 5", Assert.Throws<ArgumentException>(() => tensor(new float[5], new long[] { 2, 3 })).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Text_FollowsTheStyles()
    {
        using var scope = NewDisposeScope();
        var culture = System.Globalization.CultureInfo.InvariantCulture;
        var t = tensor(new float[,] { { 1, -2.5f }, { 100, 0 } });
        Assert.Equal("[2x2], type = Float32, device = cpu", t.ToString());
        Assert.Equal("[2x2], type = Float32, device = cpu\n   1 -2.5\n 100    0\n", t.ToString(TorchSharp.TensorStringStyle.Julia, "g5", 100, culture, "\n"));
        Assert.Equal("[[1, -2.5]\n [100, 0]]", t.ToString(TorchSharp.TensorStringStyle.Numpy, "g5", 100, culture, "\n"));
        Assert.Equal("[], type = Int64, device = cpu, value = 7", tensor(7L).ToString(TorchSharp.TensorStringStyle.Julia, "g5", 100, culture, "\n"));
        Assert.Equal("long [] {0L, 1L, 2L}", arange(3).ToString(TorchSharp.TensorStringStyle.CSharp, "g5", 100, culture, "\n"));
        Assert.Equal("[0, 1, 2, ... 17, 18, 19]", arange(20).ToString(TorchSharp.TensorStringStyle.Numpy, "g5", 100, culture, "\n"));
    }
}
