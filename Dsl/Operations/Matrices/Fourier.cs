using System;
using System.Linq;
using Hybrid.Algebra;
using Hybrid.Graphs;
using Hybrid.Onnx;

namespace Hybrid.Rules;

/// <summary>What the Fourier transforms of images share.</summary>
internal static class Fourier
{
    /// <summary>
    /// 5 N log₂ N of each image of N pixels, the usual count. Where a size is open there is no logarithm of it in a formula: 2²⁰ pixels
    /// are taken.
    /// </summary>
    public static Dim Flops(Shape images, Dim height, Dim width)
    {
        var levels = height.TryConstant(out var h) && width.TryConstant(out var w) ? Math.Max(1, Math.Log(h * (double)w, 2)) : 20;
        return (long)Math.Round(5 * levels) * images.Elements;
    }

    /// <summary>Coefficients (…, H, W, 2) of images (…, H, W, 1) or of coefficients: one transform along each axis.</summary>
    public static string Onnx(OnnxCode c, string images, bool isInverse)
    {
        // DFT takes one axis of examples before the others.
        var sizes = c.Shape().Sizes.Take(c.Shape().Rank - (isInverse ? 1 : 0)).ToList();
        var flat = c.Add("Reshape", [images, c.Sizes.Values([-1, sizes[sizes.Count - 2], sizes[sizes.Count - 1], isInverse ? 2 : 1])]);
        foreach (var axis in new[] { 2L, 1L })
            flat = c.Add("DFT", [flat], ("axis", axis), ("inverse", isInverse ? 1L : 0L), ("onesided", 0L));
        return c.Add("Reshape", [flat, c.Sizes.Values([.. sizes, 2])]);
    }
}
