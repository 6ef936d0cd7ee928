using Hybrid;

namespace Hybrid.Models.Networks;

/// <summary>ResNet-34 with three small convolutions as its stem and an average before each projection. He et al. 2019.</summary>
[Network(Dims = "B:batch, H:spatial, W:spatial", Where = "B >= 2")]
public partial class ResNet34d
{
    [Spec]
    [return: Shape("B, 1000")]
    internal static Sym Forward([Shape("B, 3, H, W")] Sym image) => Features(image).MeanPool2d().Linear(1000);

    [Block]
    public static Sym Features(Sym image)
    {
        var x = image.Conv2d(32, k: 3, stride: 2, pad: 1, bias: false).BatchNorm().Relu().Conv2d(32, k: 3, pad: 1, bias: false).BatchNorm()
            .Relu();
        x = x.Conv2d(64, k: 3, pad: 1, bias: false).BatchNorm().Relu().MaxPool2d(3, stride: 2, pad: 1);
        x = Stage(x, 64, blocks: 3, stride: 1);
        x = Stage(x, 128, blocks: 4, stride: 2);
        x = Stage(x, 256, blocks: 6, stride: 2);
        return Stage(x, 512, blocks: 3, stride: 2);
    }

    [Block]
    private static Sym Stage(Sym x, int channels, int blocks, int stride)
    {
        for (var i = 0; i < blocks; i++) x = Basic(x, channels, i == 0 ? stride : 1);
        return x;
    }

    [Block]
    private static Sym Basic(Sym x, int channels, int stride)
    {
        var y = x.Conv2d(channels, k: 3, stride: stride, pad: 1, bias: false).BatchNorm().Relu().Conv2d(channels, k: 3, pad: 1, bias: false)
            .BatchNorm();
        var skip = stride > 1 ? x.AvgPool2d(2, stride: 2, ceil: true).Conv2d(channels, k: 1, bias: false).BatchNorm() : x;
        return (y + skip).Relu();
    }
}
