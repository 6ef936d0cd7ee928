using System.Collections.Generic;
using Hybrid;

namespace Hybrid.PropertyTests.Zoo.Dozen;

/// <summary>U-Net, Ronneberger et al. 2015, with padding and normalisation.</summary>
[Network(Dims = "B, H, W", Where = "H % 8 == 0, W % 8 == 0")]
public partial class SegmentationNet
{
    [Spec]
    [return: Shape("B, 2, H, W")]
    static Sym Forward([Shape("B, 1, H, W")] Sym x, [Param] int width = 16)
    {
        var skips = new List<Sym>();
        for (var i = 0; i < 3; i++)
        {
            x = Twice(x, width << i);
            skips.Add(x);
            x = x.MaxPool2d(2);
        }
        x = Twice(x, width << 3);
        for (var i = 2; i >= 0; i--) x = Twice(x.ConvTranspose2d(width << i, k: 2, stride: 2).Cat(skips[i]), width << i);
        return x.Conv2d(2, k: 1);
    }

    [Block]
    static Sym Twice(Sym x, int channels)
    {
        for (var i = 0; i < 2; i++) x = x.Conv2d(channels, k: 3, pad: 1).BatchNorm().Relu();
        return x;
    }
}

[Loss(Dims = "B, H, W")]
public partial class SegmentationLoss
{
    [Spec]
    static Sym Value([Shape("B, 2, H, W")] Sym logits, [Shape("B, H, W"), Int64] Sym classes) => logits.CrossEntropy(classes);
}
