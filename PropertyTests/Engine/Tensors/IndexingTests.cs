using System;
using System.Collections.Generic;
using System.Linq;
using FsCheck;
using FsCheck.Fluent;
using TorchSharp;
using Xunit;
using static TorchSharp.torch;

namespace Hybrid.PropertyTests.Engine.Tensors;

/// <summary>Indexing against a plain list of (index, value) pairs.</summary>
public sealed class IndexingTests
{
    private sealed record Entry(int Kind, int First, int Second, int Step);

    private static readonly Gen<Entry> s_entry =
        from kind in Gen.Choose(0, 3) from first in Gen.Choose(-4, 3) from second in Gen.Choose(-5, 5) from step in Gen.Choose(1, 3) select new Entry(kind, first, second, step);

    [Fact]
    public void NumbersSlicesAndNewAxes_AgreeWithPlainLoops() => Check.One(
        Seeded.Cases(300),
        Prop.ForAll(s_entry.ListOf().Where(l => l.Count <= 5).ToArbitrary(), entries =>
        {
            using var scope = NewDisposeScope();
            long[] shape = [4, 4, 4];
            var t = arange(64).reshape(shape);
            var indices = new List<TensorIndex>();
            var chosen = new List<long[]>(); // positions along each consumed dimension
            var dropped = new List<bool>();
            var result = new List<long>(); // shape
            foreach (var e in entries)
            {
                if (e.Kind != 2 && chosen.Count == 3)
                {
                    continue;
                }

                switch (e.Kind)
                {
                    case 0:
                        indices.Add(e.First);
                        chosen.Add([e.First < 0 ? e.First + 4 : e.First]);
                        break;
                    case 1 or 3:
                        indices.Add(TensorIndex.Slice(e.First, e.Second, e.Step));
                        var positions = Python(e.First, e.Second, e.Step);
                        chosen.Add(positions);
                        result.Add(positions.Length);
                        break;
                    default:
                        indices.Add(TensorIndex.Null);
                        result.Add(1);
                        break;
                }
            }

            var ellipsis = entries.Count % 2 == 0;
            if (ellipsis)
            {
                indices.Add(TensorIndex.Ellipsis);
            }

            while (chosen.Count < 3)
            {
                chosen.Add([0, 1, 2, 3]);
                result.Add(4);
            }

            var expected = (from i in chosen[0] from j in chosen[1] from k in chosen[2] select (i * 16) + (j * 4) + k).ToArray();
            var found = t[indices.ToArray()];
            Assert.Equal(result, found.shape);
            Assert.Equal(expected, found.data<long>().ToArray());

            // Writing through the same indices changes just those elements.
            t[indices.ToArray()] = tensor(-1L);
            var all = t.data<long>().ToArray();
            Assert.All(Enumerable.Range(0, 64), i => Assert.Equal(expected.Contains(i) ? -1 : i, all[i]));
            return true;
        }));

    [Fact]
    public void TensorsGatherAndMask()
    {
        using var scope = NewDisposeScope();
        var t = arange(12).reshape(3, 4);
        Assert.Equal([8L, 9, 10, 11, 0, 1, 2, 3], t[tensor(new long[] { 2, 0 })].data<long>().ToArray());
        Assert.Equal([11L, 2], t[tensor(new long[] { 2, 0 }), tensor(new long[] { 3, 2 })].data<long>().ToArray());
        Assert.Equal([6L, 7, 8, 9, 10, 11], t[t > 5].data<long>().ToArray());
        Assert.Equal([1L, 3, 9, 11], t[TensorIndex.Tensor(tensor(new long[] { 0, 2 })), TensorIndex.Slice(1, null, 2)].data<long>().ToArray());
        Assert.Equal([2L, 6, 10], t[TensorIndex.Colon, TensorIndex.Tensor(tensor(new[] { false, false, true, false }))].flatten().data<long>().ToArray());
        Assert.Equal([3L, 2, 2], arange(24).reshape(2, 3, 4)[TensorIndex.Slice(), TensorIndex.Tensor(tensor(new[] { true, true, true })), 1..3].permute(1, 0, 2).shape);
        t[t > 5] = tensor(0L);
        Assert.Equal(15L, t.sum().item<long>());
        t.index_put_(5, TensorIndex.Single(0), TensorIndex.Slice(0, 2));
        Assert.Equal([5L, 5, 2, 3], t[0].data<long>().ToArray());
        var counts = zeros(3, ScalarType.Int64);
        counts.index_put_(tensor(new long[] { 1, 1, 1 }), [tensor(new long[] { 0, 2, 2 })], accumulate: true);
        Assert.Equal([1L, 0, 2], counts.data<long>().ToArray());
    }

    [Fact]
    public void RangesAndEndIndices_ReadAsInCSharp()
    {
        using var scope = NewDisposeScope();
        var t = arange(10);
        Assert.Equal([2L, 3, 4], t[2..5].data<long>().ToArray());
        Assert.Equal([7L, 8, 9], t[^3..].data<long>().ToArray());
        Assert.Equal([0L, 1], t[..^8].data<long>().ToArray());
        Assert.Equal(9L, t[^1].item<long>());
        Assert.Equal(8L, t[-2].item<long>());
    }

    [Fact]
    public void WrongIndices_AreRefused()
    {
        using var scope = NewDisposeScope();
        var t = ones(2, 2);
        Assert.Contains("too many indices for tensor of dimension 2", Assert.Throws<IndexOutOfRangeException>(() => t[TensorIndex.Single(0), 0, 0]).Message, StringComparison.Ordinal);
        Assert.Contains("single ellipsis", Assert.Throws<ArgumentException>(() => t[TensorIndex.Ellipsis, TensorIndex.Ellipsis]).Message, StringComparison.Ordinal);
        Assert.Contains("step must be positive", Assert.ThrowsAny<Exception>(() => t[TensorIndex.Slice(0, 1, -1)]).Message, StringComparison.Ordinal);
    }

    private static long[] Python(int start, int stop, int step)
    {
        static int Clamp(int i) => Math.Clamp(i < 0 ? i + 4 : i, 0, 4);
        var positions = new List<long>();
        for (var i = Clamp(start); i < Clamp(stop); i += step)
        {
            positions.Add(i);
        }

        return positions.ToArray();
    }
}
