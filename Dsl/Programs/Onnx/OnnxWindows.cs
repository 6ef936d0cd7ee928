using System;
using System.Collections.Generic;
using System.Linq;
using Hybrid.Algebra;
using Hybrid.Graphs;

namespace Hybrid.Onnx;

/// <summary>Convolutions, pools and resizing.</summary>
internal static class OnnxWindows
{
    public static string Convolution(OnnxCode c)
    {
        var (x, pads, auto) = (c.X, (long[]?)Both(c.Along("pad")), (string?)null);
        if (c.Read.Flag("same"))
        {
            var missing = c.Along("k").Zip(c.Along("dilation"), (k, dilation) => dilation * (k - 1)).ToArray();
            // An odd zero behind: what ONNX calls upper, which onnxruntime has without dilation only.
            if (c.Along("stride").All(stride => stride == 1)) pads = [.. missing.Select(zeros => zeros / 2), .. missing.Select(zeros => zeros - (zeros / 2))];
            else if (c.Along("dilation").All(dilation => dilation == 1)) (pads, auto) = (null, "SAME_UPPER");
            else x = PaddedToSame(c);
        }
        return c.Add(
            "Conv", [x, .. Weights(c).Skip(1)], ("kernel_shape", c.Along("k")), ("strides", c.Along("stride")), ("dilations", c.Along("dilation")), ("group", c.Read.Integer("groups")), ("pads", pads), ("auto_pad", auto));
    }

    // Zeros so that the windows count ⌈size/stride⌉, from the size as it is when the graph runs.
    private static string PaddedToSame(OnnxCode c)
    {
        var (k, stride, dilation) = (c.Along("k"), c.Along("stride"), c.Along("dilation"));
        var before = new List<string> { c.Builder.Integers(0, 0) };
        var behind = new List<string> { c.Builder.Integers(0, 0) };
        for (var n = 0; n < k.Length; n++)
        {
            var size = c.Shape[n + 2];
            var missing = c.Add("Max", [c.Sizes.Vector(((size.CeilDiv(stride[n]) - 1) * stride[n]) + (dilation[n] * (k[n] - 1)) + 1 - size), c.Builder.Integers(0)]);
            before.Add(c.Add("Div", [missing, c.Builder.Integers(2)]));
            behind.Add(c.Add("Sub", [missing, before[before.Count - 1]]));
        }
        return c.Add("Pad", [c.X, c.Add("Concat", [.. before, .. behind], ("axis", 0L))]);
    }

    public static string Transposed(OnnxCode c) => c.Add(
        "ConvTranspose", Weights(c), ("kernel_shape", c.Along("k")), ("strides", c.Along("stride")), ("dilations", c.Along("dilation")), ("group", c.Read.Integer("groups")),
        ("pads", Both(c.Along("pad"))), ("output_padding", c.Along("outputPad")));

    private static List<string> Weights(OnnxCode c) => [c.X, c.Weight("weight"), .. c.Read.Flag("bias") ? [c.Weight("bias")] : Array.Empty<string>()];

    public static string MaxPool(OnnxCode c)
    {
        var pooled = c.Add("MaxPool", [Apart(c, c.X)], ("kernel_shape", c.Along("k")), ("strides", Stride(c)), ("pads", Both(c.Along("pad"))), ("ceil_mode", c.Read.Flag("ceil") ? 1L : null));
        return c.Read.Flag("ceil") ? WithoutHanging(c, pooled) : pooled;
    }

    // Padding counts as zeros. With ceil a window that hangs over the end is divided by what it has inside of the padding: windows over the input are
    // divided by the same windows over ones.
    // Means of whole numbers are whole, rounded towards zero as a cast does.
    public static string AvgPool(OnnxCode c)
        => c.As(c.Result.Element, AvgPool(c, c.As(ElementType.Real, c.In("x"), c.Shape.Element)), ElementType.Real);

    private static string AvgPool(OnnxCode c, string x)
    {
        (string, object?)[] window = [("kernel_shape", c.Along("k")), ("strides", Stride(c))];
        if (!c.Read.Flag("ceil")) return c.Add("AveragePool", [Apart(c, x)], [.. window, ("pads", Both(c.Along("pad"))), ("count_include_pad", 1L)]);
        var pad = c.Along("pad");
        var none = new long[pad.Length];
        var behind = Stride(c).Select(stride => stride - 1).ToArray();
        string Means(string from, float padding) => c.Add("AveragePool", [Apart(c, Zeros(c, Zeros(c, from, pad, pad, padding), none, behind, 0))], window);
        var ones = c.Add("Add", [c.Add("Mul", [x, c.Builder.Single(0)]), c.Builder.Single(1)]);
        return WithoutHanging(c, c.Add("Div", [Means(x, 0), Means(ones, 1)]));
    }

    /// <summary>A pool's input. onnxruntime would fuse a Pad into the pool, and then asks that padding be smaller than the kernel: what a Pad gives is negated twice, which stands between.</summary>
    public static string Apart(OnnxCode c, string x) => c.Builder.Is(x, "Pad") ? c.Add("Neg", [c.Add("Neg", [x])]) : x;

    // PyTorch drops a last window that would start in the padding behind; ONNX keeps it.
    private static string WithoutHanging(OnnxCode c, string pooled)
    {
        var (k, stride, pad) = (c.Along("k"), Stride(c), c.Along("pad"));
        for (var n = 0; n < k.Length; n++)
        {
            var count = (c.Shape[n + 2] + (2 * pad[n]) - k[n]).CeilDiv(stride[n]) + 1;
            if (count.Equals(c.Result[n + 2])) continue;
            if (!c.Result[n + 2].TryConstant(out var kept)) continue; // the checker has proved that both are one
            pooled = c.Add("Slice", [pooled, c.Builder.Integers(0), c.Builder.Integers(kept), c.Builder.Integers(n + 2)]);
        }
        return pooled;
    }

    /// <summary>Each channel by itself, as an image of one: a convolution with the one Gaussian window.</summary>
    public static string BlurPool(OnnxCode c)
    {
        var (sigma, stride) = (c.Read.Real("sigma"), c.Along("stride"));
        var reach = (int)Math.Round(3 * sigma);
        var pad = c.Read.IsGiven("pad") ? c.Read.Integer("pad") : reach;
        var line = Enumerable.Range(-reach, (2 * reach) + 1).Select(i => Math.Exp(-i * i / (2 * sigma * sigma))).ToArray();
        var sum = line.Sum();
        var window = line.SelectMany(row => line.Select(column => (float)(row * column / (sum * sum)))).ToArray();
        var channels = c.Reshape(c.X, -1, 1, 0, 0);
        var blurred = c.Add("Conv", [channels, c.Builder.Singles([1, 1, line.Length, line.Length], window)], ("strides", stride), ("pads", Both([pad, pad])));
        return c.Result[1].TryConstant(out var count) ? c.Reshape(blurred, -1, count, 0, 0) : c.Add("Reshape", [blurred, c.Sizes.Values(c.Result.Sizes.ToList())]);
    }

    public static string Upsample(OnnxCode c)
    {
        var factor = c.Along("factor");
        var scales = c.Builder.Singles([4], [1, 1, factor[0], factor[1]]);
        return c.Read.Flag("bilinear")
            ? c.Add("Resize", [c.X, "", scales], ("mode", "linear"), ("coordinate_transformation_mode", "half_pixel"))
            : c.Add("Resize", [c.X, "", scales], ("mode", "nearest"), ("coordinate_transformation_mode", "asymmetric"), ("nearest_mode", "floor"));
    }

    /// <summary>A value around the spatial axes, before and behind.</summary>
    public static string Zeros(OnnxCode c, string x, long[] before, long[] behind, float value)
        => before.Concat(behind).All(size => size == 0) ? x
            : c.Add("Pad", [x, c.Builder.Integers([0, 0, .. before, 0, 0, .. behind]), .. value == 0 ? Array.Empty<string>() : [c.Builder.Single(value)]]);

    private static long[] Stride(OnnxCode c) => c.Along(c.Read.IsGiven("stride") ? "stride" : "k");

    private static long[] Both(long[] pad) => [.. pad, .. pad];
}
