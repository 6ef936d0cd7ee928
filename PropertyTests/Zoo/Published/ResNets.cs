using Hybrid;

namespace Hybrid.PropertyTests.Zoo.Published;

/// <summary>Residual blocks without a bottleneck. He et al. 2016, as torchvision has them.</summary>
public static class ResNetBlocks
{
    [Block]
    public static Sym Stem(Sym image) => image.Conv2d(64, k: 7, stride: 2, pad: 3, bias: false).BatchNorm().Relu().MaxPool2d(3, stride: 2, pad: 1);

    [Block]
    public static Sym Stage(Sym x, int channels, int blocks, int stride)
    {
        for (var i = 0; i < blocks; i++) x = Basic(x, channels, i == 0 ? stride : 1, isProjected: i == 0 && stride > 1);
        return x;
    }

    [Block]
    public static Sym Basic(Sym x, int channels, int stride, bool isProjected)
    {
        var y = x.Conv2d(channels, k: 3, stride: stride, pad: 1, bias: false).BatchNorm().Relu().Conv2d(channels, k: 3, pad: 1, bias: false).BatchNorm();
        var skip = isProjected ? x.Conv2d(channels, k: 1, stride: stride, bias: false).BatchNorm() : x;
        return (y + skip).Relu();
    }
}

[Network(Dims = "B:batch, H:spatial, W:spatial", Where = "B >= 2")]
public partial class ResNet10
{
    [Spec]
    [return: Shape("B, 1000")]
    internal static Sym Forward([Shape("B, 3, H, W")] Sym image)
    {
        var x = ResNetBlocks.Stem(image);
        for (var stage = 0; stage < 4; stage++) x = ResNetBlocks.Stage(x, 64 << stage, blocks: 1, stride: stage == 0 ? 1 : 2);
        return x.MeanPool2d().Linear(1000);
    }
}

[Network(Dims = "B:batch, H:spatial, W:spatial", Where = "B >= 2")]
[Derive(Variant.Functional)]
public partial class ResNet18
{
    [Spec]
    [return: Shape("B, 1000")]
    internal static Sym Forward([Shape("B, 3, H, W")] Sym image)
    {
        var x = ResNetBlocks.Stem(image);
        for (var stage = 0; stage < 4; stage++) x = ResNetBlocks.Stage(x, 64 << stage, blocks: 2, stride: stage == 0 ? 1 : 2);
        return x.MeanPool2d().Linear(1000);
    }
}

[Network(Dims = "B:batch, H:spatial, W:spatial", Where = "B >= 2")]
public partial class ResNet34
{
    [Spec]
    [return: Shape("B, 1000")]
    internal static Sym Forward([Shape("B, 3, H, W")] Sym image)
    {
        var x = ResNetBlocks.Stage(ResNetBlocks.Stem(image), 64, blocks: 3, stride: 1);
        x = ResNetBlocks.Stage(x, 128, blocks: 4, stride: 2);
        x = ResNetBlocks.Stage(x, 256, blocks: 6, stride: 2);
        x = ResNetBlocks.Stage(x, 512, blocks: 3, stride: 2);
        return x.MeanPool2d().Linear(1000);
    }
}
