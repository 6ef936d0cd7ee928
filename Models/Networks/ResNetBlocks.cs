using Hybrid;

namespace Hybrid.Models.Networks;

/// <summary>Residual blocks without a bottleneck. He et al. 2016, as in torchvision.</summary>
public static class ResNetBlocks
{
    [Block]
    public static Sym Stem(Sym image)
        => image.Conv2d(64, k: 7, stride: 2, pad: 3, bias: false).BatchNorm().Relu().MaxPool2d(3, stride: 2, pad: 1);

    [Block]
    public static Sym Stage(Sym x, int channels, int blocks, int stride)
    {
        for (var i = 0; i < blocks; i++) x = Basic(x, channels, i == 0 ? stride : 1, isProjected: i == 0 && stride > 1);
        return x;
    }

    [Block]
    public static Sym Basic(Sym x, int channels, int stride, bool isProjected)
    {
        var y = x.Conv2d(channels, k: 3, stride: stride, pad: 1, bias: false).BatchNorm().Relu().Conv2d(channels, k: 3, pad: 1, bias: false)
            .BatchNorm();
        var skip = isProjected ? x.Conv2d(channels, k: 1, stride: stride, bias: false).BatchNorm() : x;
        return (y + skip).Relu();
    }
}
