using System;
using System.Linq;
using System.Runtime.InteropServices;
using FsCheck;
using FsCheck.Fluent;
using TorchSharp;
using Xunit;
using static TorchSharp.torch;
using F = TorchSharp.torch.nn.functional;

namespace Hybrid.PropertyTests.Compiler.Dsl.Rules;

/// <summary>
/// Shapes of convolutions and pools over one, two and three axes against libtorch itself, and that a fault is found iff libtorch throws.
/// </summary>
public class MapShapes
{
    private sealed record Case(
        string Kind,
        int Spatial,
        long[] Sizes,
        int[] K,
        int[] Stride,
        int[] Pad,
        int[] Dilation,
        int Groups,
        int Inputs,
        bool Ceil);

    private static readonly Gen<Case> _cases =
        from kind in Gen.Elements("conv", "same", "max", "avg", "mean")
        from spatial in Gen.Choose(1, 3)
        from sizes in Gen.Choose(1, 9).ListOf(3)
        from k in Gen.Choose(1, 4).ListOf(3)
        from stride in Gen.Choose(1, 3).ListOf(3)
        from pad in Gen.Choose(0, 2).ListOf(3)
        from dilation in Gen.Choose(1, 2).ListOf(3)
        from groups in Gen.Choose(1, 2)
        from inputs in Gen.Choose(1, 4)
        from ceil in Gen.Elements(false, true)
        select new Case(
            kind, spatial,
            [.. sizes.Take(spatial).Select(n => (long)n)],
            [.. k.Take(spatial)],
            [.. stride.Take(spatial)],
            [.. pad.Take(spatial)],
            [.. dilation.Take(spatial)],
            groups, inputs, ceil);

    [SeededProperty(MaxTest = 1500)]
    public Property Shapes_AreLibtorchs() => Prop.ForAll(_cases.ToArbitrary(), c =>
    {
        using var scope = NewDisposeScope();
        long[]? expected = null;
        try { expected = Run(c); }
        catch (Exception exception) when (exception is ExternalException or ArgumentException or InvalidOperationException) { }
        // A maximum over a series shorter than its window is empty in libtorch where no gradient is asked; the checker refuses what is
        // empty.
        if (expected?.Any(size => size < 1) == true) expected = null;
        long[]? predicted = null;
        string? fault = null;
        try
        {
            var graph = Trace.Of("Net", "", "", [("x", $"2, {c.Inputs}, {string.Join(", ", c.Sizes)}")], x => [Spec(c, x[0])]);
            predicted = [.. graph.Results.Single().Shape.Sizes.Select(size => size.Evaluate(_ => 1)!.Value)];
        }
        catch (SpecException exception) { fault = exception.Fault.Id; }
        var text = $"{c.Kind}{c.Spatial}d of [{string.Join(", ", c.Sizes)}], k ({string.Join(", ", c.K)}), stride "
            + $"({string.Join(", ", c.Stride)}), pad ({string.Join(", ", c.Pad)}), dilation ({string.Join(", ", c.Dilation)}), groups "
            + $"{c.Groups} of {c.Inputs}, ceil {c.Ceil}";
        if (expected is null)
        {
            Assert.True(
                fault is "HYB1005" or "HYB1014" or "HYB1026",
                $"{text}: libtorch throws, the checker says {fault ?? "[" + string.Join(", ", predicted!) + "]"}");
        }
        else
        {
            Assert.True(
                predicted?.SequenceEqual(expected) == true,
                $"{text}: libtorch gives [{string.Join(", ", expected)}], "
                + $"the checker {fault ?? "[" + string.Join(", ", predicted!) + "]"}");
        }
    });

    private static long[] L(int[] sizes) => [.. sizes.Select(size => (long)size)];

    private static long[] Run(Case c)
    {
        var x = zeros([2, c.Inputs, .. c.Sizes]);
        var (k, stride, pad, dilation) = (L(c.K), L(c.Stride), L(c.Pad), L(c.Dilation));
        switch (c.Kind)
        {
            case "same":
                // The definition: as many zeros as make ⌈size/stride⌉ windows, the odd one after.
                for (var axis = 0; axis < c.Spatial; axis++)
                {
                    var missing = Math.Max(
                        (((c.Sizes[axis] + stride[axis] - 1) / stride[axis]) - 1) * stride[axis]
                            + (dilation[axis] * (k[axis] - 1))
                            + 1 - c.Sizes[axis],
                        0);
                    var by = new long[2 * c.Spatial];
                    (by[2 * (c.Spatial - 1 - axis)], by[(2 * (c.Spatial - 1 - axis)) + 1]) = (missing / 2, missing - (missing / 2));
                    x = F.pad(x, by);
                }
                pad = [.. pad.Select(_ => 0L)];
                goto case "conv";
            case "conv":
                if (c.Inputs % c.Groups > 0) throw new InvalidOperationException("groups");
                var weight = zeros([4, c.Inputs / c.Groups, .. k]);
                return c.Spatial switch
                {
                    1 => F.conv1d(x, weight, null, stride[0], pad[0], dilation[0], c.Groups).shape,
                    2 => F.conv2d(x, weight, null, stride, pad, dilation, c.Groups).shape,
                    _ => F.conv3d(x, weight, null, stride, pad, dilation, c.Groups).shape,
                };
            case "max":
                return c.Spatial switch
                {
                    1 => F.max_pool1d(x, k[0], stride[0], pad[0], null, c.Ceil).shape,
                    2 => F.max_pool2d(x, k, stride, pad, null, c.Ceil).shape,
                    _ => F.max_pool3d(x, k, stride, pad, null, c.Ceil).shape,
                };
            case "avg":
                return c.Spatial switch
                {
                    1 => F.avg_pool1d(x, k[0], stride[0], pad[0], c.Ceil).shape,
                    2 => F.avg_pool2d(x, k, stride, pad, c.Ceil).shape,
                    _ => F.avg_pool3d(x, k, stride, pad, c.Ceil).shape,
                };
            default:
                return x.flatten(2).mean([2]).shape;
        }
    }

    private static Sym Spec(Case c, Sym x)
    {
        var (k, stride, pad, dilation) = (c.K, c.Stride, c.Pad, c.Dilation);
        var same = c.Kind == "same";
        if (same) pad = [.. pad.Select(_ => 0)];
        return (c.Kind, c.Spatial) switch
        {
            ("conv" or "same", 1) => x.Conv1d(4, k[0], stride[0], pad[0], dilation[0], c.Groups, same: same),
            ("conv" or "same", 2) => x.Conv2d(
                4, (k[0], k[1]), (stride[0], stride[1]), (pad[0], pad[1]), (dilation[0], dilation[1]), c.Groups, same: same),
            ("conv" or "same", _) => x.Conv3d(
                4, (k[0], k[1], k[2]),
                (stride[0], stride[1], stride[2]),
                (pad[0], pad[1], pad[2]),
                (dilation[0], dilation[1], dilation[2]),
                c.Groups, same: same),
            ("max", 1) => x.MaxPool1d(k[0], stride[0], pad[0], c.Ceil),
            ("max", 2) => x.MaxPool2d((k[0], k[1]), (stride[0], stride[1]), (pad[0], pad[1]), c.Ceil),
            ("max", _) => x.MaxPool3d((k[0], k[1], k[2]), (stride[0], stride[1], stride[2]), (pad[0], pad[1], pad[2]), c.Ceil),
            ("avg", 1) => x.AvgPool1d(k[0], stride[0], pad[0], c.Ceil),
            ("avg", 2) => x.AvgPool2d((k[0], k[1]), (stride[0], stride[1]), (pad[0], pad[1]), c.Ceil),
            ("avg", _) => x.AvgPool3d((k[0], k[1], k[2]), (stride[0], stride[1], stride[2]), (pad[0], pad[1], pad[2]), c.Ceil),
            (_, 1) => x.MeanPool1d(),
            (_, 2) => x.MeanPool2d(),
            _ => x.MeanPool3d(),
        };
    }

    private static string? Fault(string dims, string shape, Func<Sym, Sym> spec)
    {
        try
        {
            Trace.Of("Net", dims, "", [("x", shape)], x => [spec(x[0])]);
            return null;
        }
        catch (SpecException exception)
        {
            return exception.Message;
        }
    }

    [Fact]
    public void HYB1004_ARankOfAnotherOperation()
    {
        Assert.Equal(
            "HYB1004: Conv3d 'c3' needs rank 5 [B,C,D,H,W]; 'x' gives rank 4 [B, 64, H, H]. Did you mean Conv2d?",
            Fault("B, H", "B, 64, H, H", x => x.Conv3d(8, k: 3, key: "c3")));
        Assert.Equal(
            "HYB1004: Conv1d needs rank 3 [B,C,L]; 'x' gives rank 2 [B, 64]. Add the missing axis with .Unsqueeze(0) for the batch or "
                + ".Unsqueeze(1) for the channel.",
            Fault("B", "B, 64", x => x.Conv1d(8, k: 3)));
        Assert.Equal(
            "HYB1004: MaxPool1d needs rank 3 [B,C,L]; 'x' gives rank 4 [B, 64, H, H]. Did you mean MaxPool2d?",
            Fault("B, H", "B, 64, H, H", x => x.MaxPool1d(2)));
        Assert.Equal(
            "HYB1004: ToChannelsFirst needs rank 3 or more [B,…,C]; 'x' gives rank 2 [B, 64]. Leave it out: channels are on axis 1 "
                + "already.",
            Fault("B", "B, 64", x => x.ToChannelsFirst()));
        Assert.Null(Fault("B", "B, 64", x => x.Unsqueeze(1).Conv1d(8, k: 3)));
    }

    [Fact]
    public void Pad1d_Lengthens()
    {
        Assert.Null(Fault("B, L", "B, 4, L", x => x.Pad1d(3, 1).Is("B, 4, L+4").Pad1d(2).Is("B, 4, L+6")));
        Assert.Equal("HYB1026: Pad1d: before is -1; it must be at least 0.", Fault("B, L", "B, 4, L", x => x.Pad1d(-1)));
    }

    [Fact]
    public void HYB1003_SeriesWithChannelsLast()
    {
        Assert.Equal(
            "HYB1003: Axis 1 of 'x' is tagged time, Conv1d needs channels there; [B, T, 4] looks channels-last. Insert .ToChannelsFirst().",
            Fault("B:batch, T:time", "B, T, 4", x => x.Conv1d(8, k: 1)));
        Assert.Null(Fault("B:batch, T:time", "B, T, 4", x => x.ToChannelsFirst().Conv1d(8, k: 1)));
    }

    [Fact]
    public void HYB1005_ASeriesShorterThanItsKernel()
        => Assert.Equal(
            "HYB1005: Conv1d (k=5) needs length ≥ 5 but gets 3. Use a kernel of at most 3, or more padding.",
            Fault("B", "B, 4, 3", x => x.Conv1d(8, k: 5)));

    [Fact]
    public void HYB4004_TwoPaddings()
    {
        Assert.Equal(
            "HYB4004: Conv2d: pad is 1 and same is true, which chooses the padding itself. Leave one of them out.",
            Fault("B", "B, 4, 8, 8", x => x.Conv2d(8, k: 3, pad: 1, same: true)));
        Assert.Null(Fault("B", "B, 4, 8, 8", x => x.Conv2d(8, k: 3, same: true)));
    }
}
