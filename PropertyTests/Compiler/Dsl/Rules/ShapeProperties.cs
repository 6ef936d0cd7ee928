using System;
using System.Collections.Generic;
using System.Linq;
using FsCheck;
using FsCheck.Fluent;
using Hybrid.Algebra;
using Hybrid.Graphs;
using Xunit;

namespace Hybrid.PropertyTests.Compiler.Dsl.Rules;

/// <summary>Shapes against slow references that count windows and elements one by one.</summary>
public class ShapeProperties
{
    /// <summary>The result's sizes, or the id of the error.</summary>
    private static (long[]? Sizes, string? Error) Run(Func<Sym[], Sym> spec, params long[][] inputs)
    {
        try
        {
            var graph = Trace.Of(
                "Net", "", "", inputs.Select((sizes, i) => ($"x{i}", string.Join(", ", sizes))).ToList(), tensors => [spec(tensors)]);
            return (graph.Results.Single().Shape.Sizes.Select(size => size.Evaluate(_ => 1)!.Value).ToArray(), null);
        }
        catch (SpecException exception)
        {
            return (null, exception.Fault.Id);
        }
    }

    /// <summary>
    /// How many windows fit, by trying each start; with ceil, a window may hang over the end but must start before the right padding.
    /// </summary>
    private static long CountWindows(long size, int k, int stride, int pad, int dilation, bool ceil)
    {
        var span = (dilation * (k - 1)) + 1;
        long count = 0;
        for (long start = -pad; ; start += stride)
        {
            var fits = start + span <= size + pad;
            if (!fits && ceil && start - stride + span < size + pad && start < size) fits = true;
            if (!fits) return count;
            count++;
        }
    }

    [SeededProperty(MaxTest = 3000)]
    public Property ConvolutionsAndPools_CountTheirWindows()
    {
        var cases = from h in Gen.Choose(1, 40) from w in Gen.Choose(1, 40) from kh in Gen.Choose(1, 7) from kw in Gen.Choose(1, 7)
                    from stride in Gen.Choose(1, 4) from pad in Gen.Choose(0, 3)
                    from dilation in Gen.Choose(1, 3) from kind in Gen.Elements("conv", "max", "avg")
                    from ceil in Gen.Elements(false, true)
                    select (h, w, kh, kw, stride, pad, dilation, kind, ceil);
        return Prop.ForAll(cases.ToArbitrary(), c =>
        {
            var pool = c.kind != "conv";
            if (pool && 2 * c.pad > Math.Min(c.kh, c.kw)) return;
            var (dilation, ceil) = (pool ? 1 : c.dilation, pool && c.ceil);
            var (height, width) = (
                CountWindows(c.h, c.kh, c.stride, c.pad, dilation, ceil), CountWindows(c.w, c.kw, c.stride, c.pad, dilation, ceil));
            var actual = Run(
                x => c.kind switch
                {
                    "conv" => x[0].Conv2d(5, (c.kh, c.kw), stride: c.stride, pad: c.pad, dilation: c.dilation),
                    "max" => x[0].MaxPool2d((c.kh, c.kw), stride: c.stride, pad: c.pad, ceil: c.ceil),
                    _ => x[0].AvgPool2d((c.kh, c.kw), stride: c.stride, pad: c.pad, ceil: c.ceil),
                },
                [2, 3, c.h, c.w]);
            if (height == 0 || width == 0) Assert.True(actual.Error == "HYB1005", $"{c}: no window fits, got {Show(actual)}");
            else
            {
                Assert.True(
                    actual.Sizes is not null && actual.Sizes.SequenceEqual(new[] { 2L, pool ? 3 : 5, height, width }),
                    $"{c}: expected {height}×{width} windows, got {Show(actual)}");
            }
        });
    }

    [SeededProperty(MaxTest = 2000)]
    public Property Broadcasting_IsRightAligned()
    {
        var sizes = Gen.Elements(1L, 2L, 3L).Short(0, 4);
        return Prop.ForAll((from a in sizes from b in sizes select (a, b)).ToArbitrary(), c =>
        {
            var (a, b) = c;
            var rank = Math.Max(a.Length, b.Length);
            var expected = new long[rank];
            var legal = true;
            for (var back = 1; back <= rank; back++)
            {
                var left = back <= a.Length ? a[^back] : 1;
                var right = back <= b.Length ? b[^back] : 1;
                legal &= left == right || left == 1 || right == 1;
                expected[^back] = Math.Max(left, right);
            }
            var actual = Run(x => x[0] + x[1], a, b);
            if (legal)
            {
                Assert.True(
                    actual.Sizes?.SequenceEqual(expected) == true,
                    $"[{string.Join(", ", a)}] + [{string.Join(", ", b)}] gave {Show(actual)}");
            }
            else Assert.Equal("HYB1007", actual.Error);
        });
    }

    [SeededProperty(MaxTest = 2000)]
    public Property MatrixProducts_FollowTheirInnerSizes()
    {
        var sizes = Gen.Elements(1L, 2L, 3L).Short(1, 4);
        return Prop.ForAll((from a in sizes from b in sizes select (a, b)).ToArbitrary(), c =>
        {
            var (a, b) = c;
            var expected = MatMul(a, b);
            var actual = Run(x => x[0].MatMul(x[1]), a, b);
            Assert.True(
                expected is null ? actual.Error is "HYB1017" or "HYB1007" : actual.Sizes?.SequenceEqual(expected) == true,
                $"[{string.Join(", ", a)}] x [{string.Join(", ", b)}] gave {Show(actual)}");
        });

        static long[]? MatMul(long[] a, long[] b)
        {
            var left = a.Length == 1 ? [1, a[0]] : a;
            var right = b.Length == 1 ? [b[0], 1] : b;
            if (left[^1] != right[^2]) return null;
            var rank = Math.Max(left.Length, right.Length);
            var result = new List<long>();
            for (var back = rank; back > 2; back--)
            {
                var (l, r) = (back <= left.Length ? left[^back] : 1, back <= right.Length ? right[^back] : 1);
                if (l != r && l != 1 && r != 1) return null;
                result.Add(Math.Max(l, r));
            }
            if (a.Length > 1) result.Add(left[^2]);
            if (b.Length > 1) result.Add(right[^1]);
            return [.. result];
        }
    }

    [SeededProperty(MaxTest = 2000)]
    public Property Rearrangements_KeepTheElements()
    {
        var cases = from sizes in Gen.Choose(1, 4).Select(n => (long)n).Short(1, 4)
                    from axis in Gen.Choose(-4, 4) from other in Gen.Choose(-4, 4) from kind in Gen.Elements(
                        "flatten", "transpose", "unsqueeze", "reshape")
                    select (sizes, axis, other, kind);
        return Prop.ForAll(cases.ToArbitrary(), c =>
        {
            var rank = c.sizes.Length;
            var limit = c.kind == "unsqueeze" ? rank + 1 : rank;
            bool Exists(int axis) => axis >= -limit && axis < limit;
            var actual = Run(
                x => c.kind switch
                {
                    "flatten" => x[0].Flatten(c.axis),
                    "transpose" => x[0].Transpose(c.axis, c.other),
                    "unsqueeze" => x[0].Unsqueeze(c.axis),
                    _ => x[0].Reshape("-1"),
                },
                c.sizes);
            if (c.kind != "reshape" && (!Exists(c.axis) || (c.kind == "transpose" && !Exists(c.other))))
            {
                Assert.Equal("HYB1004", actual.Error);
                return;
            }
            var (at, to) = (c.axis < 0 ? c.axis + limit : c.axis, c.other < 0 ? c.other + limit : c.other);
            var expected = c.sizes.ToList();
            switch (c.kind)
            {
                case "flatten": expected =
                [
                    .. expected.Take(at), expected.Skip(at).Aggregate(1L, (product, size) => product * size),
                ]; break;
                case "transpose": (expected[at], expected[to]) = (expected[to], expected[at]); break;
                case "unsqueeze": expected.Insert(at, 1); break;
                default: expected = [expected.Aggregate(1L, (product, size) => product * size)]; break;
            }
            Assert.True(
                actual.Sizes?.SequenceEqual(expected) == true,
                $"{c.kind}({c.axis}, {c.other}) of [{string.Join(", ", c.sizes)}] gave {Show(actual)}, expected "
                    + $"[{string.Join(", ", expected)}]");
        });
    }

    [SeededProperty(MaxTest = 1000)]
    public Property Reductions_DropOrKeepTheirAxes()
    {
        var cases = from sizes in Gen.Choose(1, 4).Select(n => (long)n).Short(1, 4)
                    from axis in Gen.Choose(-4, 3) from keep in Gen.Elements(false, true) select (sizes, axis, keep);
        return Prop.ForAll(cases.ToArbitrary(), c =>
        {
            var rank = c.sizes.Length;
            var actual = Run(x => x[0].Sum(c.axis, c.keep), c.sizes);
            if (c.axis < -rank || c.axis >= rank)
            {
                Assert.Equal("HYB1004", actual.Error);
                return;
            }
            var expected = c.sizes.ToList();
            if (c.keep) expected[c.axis < 0 ? c.axis + rank : c.axis] = 1;
            else expected.RemoveAt(c.axis < 0 ? c.axis + rank : c.axis);
            Assert.True(
                actual.Sizes?.SequenceEqual(expected) == true, $"Sum({c.axis}) of [{string.Join(", ", c.sizes)}] gave {Show(actual)}");
        });
    }

    [SeededProperty(MaxTest = 500)]
    public Property SymbolicShapes_AreTheConcreteOnesAtEverySize()
    {
        var cases = from h in Gen.Choose(16, 64) from w in Gen.Choose(16, 64) from layers in Gen.Choose(0, 5)
            .Short(0, 4) select (h, w, layers);
        return Prop.ForAll(cases.ToArbitrary(), c =>
        {
            Sym Net(Sym x)
            {
                foreach (var layer in c.layers)
                {
                    x = layer switch
                    {
                        0 => x.Conv2d(4, k: 3, pad: 1, stride: 2),
                        1 => x.MaxPool2d(2),
                        2 => x.Conv2d(6, k: (3, 1), pad: (1, 0)),
                        3 => x.AvgPool2d(3, stride: 2, pad: 1),
                        4 => x.Conv2d(3, k: 2),
                        _ => x.BatchNorm().Relu(),
                    };
                }
                return x.Flatten();
            }
            Graph symbolic;
            try
            {
                symbolic = Trace.Of("Net", "B, H, W", "", [("image", "B, 3, H, W")], x => [Net(x[0])]);
            }
            catch (SpecException exception)
            {
                Assert.Fail($"{string.Join(", ", c.layers)}: {exception.Message}");
                return;
            }
            var shape = symbolic.Results.Single().Shape;
            var predicted = shape.Sizes.Select(size => size.Evaluate(name => name == "H" ? c.h : name == "W" ? c.w : 2)!.Value).ToArray();
            var admitted = symbolic.Facts.Inferred.All(fact => fact.Holds(name => name == "H" ? c.h : name == "W" ? c.w : 2) == true);
            var concrete = Run(x => Net(x[0]), [2, 3, c.h, c.w]);
            Assert.True(
                admitted ? concrete.Sizes?.SequenceEqual(predicted) == true : concrete.Error == "HYB1005",
                $"{string.Join(", ", c.layers)} at {c.h}×{c.w}: {shape} where {symbolic.Facts} predicts [{string.Join(", ", predicted)}], "
                    + $"concrete gave {Show(concrete)}");
        });
    }

    private static string Show((long[]? Sizes, string? Error) result) => result.Error ?? "[" + string.Join(", ", result.Sizes!) + "]";
}
