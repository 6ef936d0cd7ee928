using System.Collections.Generic;
using System.Linq;
using Hybrid.Algebra;
using Hybrid.Graphs;
using Hybrid.Onnx;
using Hybrid.Programs;

namespace Hybrid.Rules;

/// <summary>A pool over windows of a series, an image or a volume.</summary>
/// <param name="spatial">How many axes are pooled.</param>
internal abstract class WindowPoolRule(int spatial) : Rule
{
    protected int Spatial => spatial;

    public override void Infer(Inference i)
    {
        if (!i.TryMaps(spatial) || !i.RequireWindow(("k", 1), ("stride", 1), ("pad", 0))) return;
        var x = i.Shape();
        var (k, pad) = (i.Argument("k").Along, i.Argument("pad").Along);
        var stride = i.IsGiven("stride") ? i.Argument("stride").Along : k;
        if (k.Zip(pad, (window, zeros) => 2 * zeros > window).Any(isTooWide => isTooWide))
        {
            i.Error(
                "HYB1026",
                $"{i.Subject}: pad is {i.Argument("pad")}; it may be at most half the kernel, k={i.Argument("k")}. Use a smaller pad.",
                "pad");
            return;
        }
        if (!Check(i) || (spatial == 2 && !i.RequireTurnableWindows(k, stride, pad))) return;
        var sizes = new List<Dim>();
        for (var n = 0; n < spatial; n++)
        {
            if (i.Windows(n + 2, k[n], stride[n], pad[n], 1, i.Flag("ceil"), Maps.Names(spatial)[n]) is not { } size) return;
            sizes.Add(size);
        }
        i.Output(x.WithSpatial(sizes));
    }

    /// <summary>What else libtorch asks of the sizes.</summary>
    protected virtual bool Check(Inference i) => true;

    public override Dim Flops(NodeCode c)
        => c.Along("k").Aggregate(c.Result().Elements, (product, size) => product * size);

    /// <summary>Window, stride, and what is not its default, as the arguments of a TorchSharp pool.</summary>
    /// <param name="c">The node.</param>
    /// <param name="x">What is pooled.</param>
    /// <param name="stride">TorchSharp's name of the stride; over one axis it is <c>stride</c> for every pool.</param>
    protected static string Windows(NodeCode c, string x, string stride)
    {
        string Sizes(string parameter)
            => c.Along(parameter).Count == 1
                ? $"{c.Along(parameter)[0]}"
                : NodeCode.Longs(c.Along(parameter).Select(size => (long)size).ToArray());
        var code = $"{x}, {Sizes("k")}, {(c.Along("k").Count == 1 ? "stride" : stride)}: {Sizes(c.IsGiven("stride") ? "stride" : "k")}";
        if (!c.IsDefault("pad")) code += $", padding: {Sizes("pad")}";
        if (!c.IsDefault("ceil")) code += ", ceil_mode: true";
        return code;
    }

    /// <summary>The windows' distances; by default their sizes.</summary>
    protected static long[] Stride(OnnxCode c) => c.Lengths(c.IsGiven("stride") ? "stride" : "k");

    /// <summary>PyTorch drops a last window that would start in the padding at the end; ONNX keeps it.</summary>
    protected static string WithoutHanging(OnnxCode c, string pooled)
    {
        var (k, stride, pad) = (c.Lengths("k"), Stride(c), c.Lengths("pad"));
        for (var n = 0; n < k.Length; n++)
        {
            var count = (c.Shape()[n + 2] + (2 * pad[n]) - k[n]).CeilDiv(stride[n]) + 1;
            if (count.Equals(c.Result()[n + 2])) continue;
            if (!c.Result()[n + 2].TryConstant(out var kept)) continue; // the checker has proved that both are one
            pooled = c.Add("Slice", [pooled, c.Builder.Integers(0), c.Builder.Integers(kept), c.Builder.Integers(n + 2)]);
        }
        return pooled;
    }
}

/// <summary>Largest values of windows.</summary>
internal abstract class MaxPoolRule(int spatial) : WindowPoolRule(spatial)
{
    public override string Functional(NodeCode c) => Call(c, c.In());

    private string Call(NodeCode c, string x) => $"functional.max_pool{Spatial}d({Windows(c, x, "strides")})";

    public override string? Ensemble(EnsembleCode c) => c.AsChannels(folded => Call(c, folded));

    /// <summary>The tangent of the element that won each window.</summary>
    public override bool Tangent(TangentCode c)
    {
        var place = c.Local(
            "place", $"functional.max_pool{Spatial}d_with_indices({Windows(c, c.In(), "strides")}).Item2", ProgramFile.Round(c.Result()));
        return c.Set(c.AtPlaces(place));
    }

    internal override string? Onnx(OnnxCode c)
    {
        var pooled = c.Add(
            "MaxPool",
            [OnnxWindows.ApartFromPad(c, c.X)],
            ("kernel_shape", c.Lengths("k")),
            ("strides", Stride(c)),
            ("pads", OnnxWindows.Both(c.Lengths("pad"))),
            ("ceil_mode", c.Flag("ceil") ? 1L : null));
        return c.Flag("ceil") ? WithoutHanging(c, pooled) : pooled;
    }
}

/// <summary>Means of windows, padding counted as zeros.</summary>
internal abstract class AvgPoolRule(int spatial) : WindowPoolRule(spatial)
{
    public override string Functional(NodeCode c) => Call(c, c.In());

    /// <summary>libtorch's means of whole numbers are whole, rounded towards zero.</summary>
    public override bool Takes(Inference inference, string parameter, ElementType element) => element == ElementType.Int64;

    /// <summary>libtorch refuses a mean over volumes smaller than the window, whatever the padding.</summary>
    protected override bool Check(Inference i)
    {
        var (x, k) = (i.Shape(), i.Argument("k").Along);
        for (var n = 0; Spatial == 3 && n < 3; n++)
        {
            if (i.DemandAtLeast(x[n + 2], k[n], "k", out var verdict, out _)) continue;
            var name = Maps.Names(3)[n];
            return i.Error(
                "HYB1005",
                $"{i.Subject} (k={k[n]}) needs {name} ≥ {k[n]} without padding but gets {x[n + 2]}{verdict.Witnessed(x[n + 2], k[n])}. "
                    + $"Use a kernel of at most {x[n + 2]}, or a larger volume.",
                "k", i.Value());
        }
        return true;
    }

    public override string? Ensemble(EnsembleCode c) => c.AsChannels(folded => Call(c, folded));

    private string Call(NodeCode c, string x) => $"functional.avg_pool{Spatial}d({Windows(c, x, "stride")})";

    public override bool Tangent(TangentCode c) => c.Set(c.AsBatch(folded => Call(c, folded)));

    /// <summary>Means of whole numbers are whole, rounded towards zero as a cast does.</summary>
    internal override string? Onnx(OnnxCode c)
        => c.As(c.Result().Element, OnnxMeans(c, c.As(ElementType.Real, c.In("x"), c.Shape().Element)), ElementType.Real);

    /// <summary>
    /// Padding counts as zeros. With ceil, a window that hangs over the end is divided by what it has inside of the padding: windows over
    /// the input are divided by the same windows over ones.
    /// </summary>
    private static string OnnxMeans(OnnxCode c, string x)
    {
        (string, object?)[] window = [("kernel_shape", c.Lengths("k")), ("strides", Stride(c))];
        var pad = c.Lengths("pad");
        if (!c.Flag("ceil"))
            return c.Add(
                "AveragePool", [OnnxWindows.ApartFromPad(c, x)], [.. window, ("pads", OnnxWindows.Both(pad)), ("count_include_pad", 1L)]);
        var none = new long[pad.Length];
        var after = Stride(c).Select(stride => stride - 1).ToArray();
        string Means(string from, float padding)
            => c.Add(
                "AveragePool",
                [OnnxWindows.ApartFromPad(c, OnnxWindows.Pad(c, OnnxWindows.Pad(c, from, pad, pad, padding), none, after, 0))],
                window);
        var ones = c.Add(c.Multiply(x, c.Builder.Single(0)), c.Builder.Single(1));
        return WithoutHanging(c, c.Divide(Means(x, 0), Means(ones, 1)));
    }
}
