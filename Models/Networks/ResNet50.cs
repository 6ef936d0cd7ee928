using Hybrid;

namespace Hybrid.Models.Networks;

/// <summary>Residual blocks with a bottleneck. He et al. 2016, with the stride in the 3×3 as in torchvision.</summary>
[Network(Dims = "B:batch, H:spatial, W:spatial", Where = "B >= 2")]
public partial class ResNet50
{
    [Spec]
    [return: Shape("B, 1000")]
    internal static Sym Forward([Shape("B, 3, H, W")] Sym image)
    {
        var x = ResNetBlocks.Stem(image);
        x = Stage(x, 64, blocks: 3, stride: 1);
        x = Stage(x, 128, blocks: 4, stride: 2);
        x = Stage(x, 256, blocks: 6, stride: 2);
        x = Stage(x, 512, blocks: 3, stride: 2);
        return x.MeanPool2d().Linear(1000);
    }

    [Block]
    private static Sym Stage(Sym x, int channels, int blocks, int stride)
    {
        for (var i = 0; i < blocks; i++) x = Bottleneck(x, channels, i == 0 ? stride : 1, isProjected: i == 0);
        return x;
    }

    [Block]
    private static Sym Bottleneck(Sym x, int channels, int stride, bool isProjected)
    {
        var y = x.Conv2d(channels, k: 1, bias: false).BatchNorm().Relu().Conv2d(channels, k: 3, stride: stride, pad: 1, bias: false)
            .BatchNorm().Relu();
        y = y.Conv2d(4 * channels, k: 1, bias: false).BatchNorm();
        var skip = isProjected ? x.Conv2d(4 * channels, k: 1, stride: stride, bias: false).BatchNorm() : x;
        return (y + skip).Relu();
    }
}
