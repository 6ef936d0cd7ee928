using Hybrid;

namespace Hybrid.Models.Systems.EinsteinRadius;

/// <summary>The original's larger encoder: 64 to 512 channels in 3, 4, 6 and 3 blocks, the first of each with a projection.</summary>
[Network(Dims = "B:batch, H:spatial, W:spatial", Where = "H >= 8, W >= 8", Training = "B >= 2")]
[Derive(Variant.Functional, Variant.Flipout)]
public partial class ResNet34V2Encoder
{
    /// <summary>Features of an image.</summary>
    public const int Features = 512;

    private static readonly int[] Blocks = [3, 4, 6, 3];

    [Spec]
    [return: Shape("B, 512")]
    internal static Sym Forward([Shape("B, 3, H, W")] Sym image)
    {
        var x = image.Conv2d(64, k: 7, stride: 2, same: true).BatchNorm().Relu().MaxPool2d(3, stride: 2);
        for (var stage = 0; stage < 4; stage++)
        {
            x = EinsteinRadiusResNet10V2.Projection(x, 64 << stage, stride: stage == 0 ? 1 : 2);
            for (var block = 1; block < Blocks[stage]; block++) x = Identity(x, 64 << stage);
        }
        return x.MeanPool2d();
    }

    [Block]
    private static Sym Identity(Sym x, int channels)
    {
        var y = x.Conv2d(channels, k: 3, same: true).BatchNorm().Relu().Conv2d(channels, k: 3, same: true).BatchNorm().Relu().BatchNorm();
        return (y + x).Relu();
    }
}
