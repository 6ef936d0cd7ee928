using System;
using System.Collections.Generic;
using Hybrid;

namespace Hybrid.PropertyTests.Zoo.Layers;

/// <summary>A U-Net whose widths stand in an array and whose skips in a list; [Param] widths shifted; numbers computed.</summary>
[Network(Dims = "B:batch, H, W", Where = "B >= 2, H % 8 == 0, W % 8 == 0")]
[Derive(Variant.Functional, Variant.Tangent, Variant.Ensemble, Variant.Card)]
public partial class UnrolledUNet
{
    private static readonly int[] Widths = [2, 3, 4];

    private static readonly (int channels, double slope)[] _heads = { (Numbers.Deep[0], 0.1), (2, 0.2) };

    [Spec]
    internal static (Sym map, Sym heads) Forward([Shape("B, 1, H, W")] Sym image, [Param] int width = 4)
    {
        var x = image;
        var skips = new List<Sym>();
        foreach (var channels in Widths)
        {
            x = x.Conv2d(channels, k: 3, pad: 1).Tanh();
            skips.Add(x);
            x = x.AvgPool2d(2);
        }
        for (var i = skips.Count - 1; i >= 0; i--)
            x = x.Upsample(2).Cat(skips[i]).Conv2d(Widths[i], k: 3, pad: 1).LeakyRelu(1 / Math.Pow(2, i + 1));
        for (var i = 0; i < 2; i++) x = x.Conv2d(width << i, k: 1);
        var heads = x.MeanPool2d() * Math.Sqrt(Math.Max(4, Widths.Length));
        foreach (var (channels, slope) in _heads) heads = heads.Linear(channels).LeakyRelu(slope);
        List<Sym> last = [x, skips[^1].Upsample(4).Slice(1, 0, 1)];
        last.Reverse();
        return (last[0] + last[1].Mean(1, keep: true), heads);
    }
}

internal static class Numbers
{
    public static readonly int[] Deep = new[] { (int)Math.Log2(8), 5 };
}
