using System;
using System.Linq;

namespace Hybrid.Onnx;

/// <summary>What convolutions and pools share in ONNX.</summary>
internal static class OnnxWindows
{
    /// <summary>The same padding before and after, as ONNX lists it.</summary>
    public static long[] Both(long[] pad) => [.. pad, .. pad];

    /// <summary>A value around the spatial axes, before and after.</summary>
    public static string Pad(OnnxCode c, string x, long[] before, long[] after, float value)
        => before.Concat(after).All(size => size == 0) ? x
            : c.Add(
                "Pad",
                [
                    x, c.Builder.Integers([0, 0, .. before, 0, 0, .. after]),
                    .. value == 0 ? Array.Empty<string>() : [c.Builder.Single(value)],
                ]);

    /// <summary>
    /// A pool's input. onnxruntime would fuse a Pad into the pool, and then asks that padding be smaller than the kernel: what a Pad gives
    /// is negated twice, which stands between.
    /// </summary>
    public static string ApartFromPad(OnnxCode c, string x) => c.Builder.Is(x, "Pad") ? c.Add("Neg", [c.Add("Neg", [x])]) : x;
}
