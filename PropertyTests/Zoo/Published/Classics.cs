using Hybrid;

namespace Hybrid.PropertyTests.Zoo.Published;

/// <summary>Krizhevsky 2014, as torchvision has it.</summary>
[Network(Dims = "B:batch, H:spatial, W:spatial", Where = "H >= 63, W >= 63")]
public partial class AlexNet
{
    [Spec]
    [return: Shape("B, 1000")]
    internal static Sym Forward([Shape("B, 3, H, W")] Sym image)
    {
        var x = image.Conv2d(64, k: 11, stride: 4, pad: 2).Relu().MaxPool2d(3, stride: 2);
        x = x.Conv2d(192, k: 5, pad: 2).Relu().MaxPool2d(3, stride: 2);
        x = x.Conv2d(384, k: 3, pad: 1).Relu().Conv2d(256, k: 3, pad: 1).Relu().Conv2d(256, k: 3, pad: 1).Relu().MaxPool2d(3, stride: 2);
        return x.AdaptiveAvgPool2d(6).Flatten().Dropout().Linear(4096).Relu().Dropout().Linear(4096).Relu().Linear(1000);
    }
}

/// <summary>Few weights by 1×1 squeezes. Iandola et al. 2016, version 1.1.</summary>
[Network(Dims = "B:batch, H:spatial, W:spatial", Where = "H >= 17, W >= 17")]
public partial class SqueezeNet
{
    [Spec]
    [return: Shape("B, 1000")]
    internal static Sym Forward([Shape("B, 3, H, W")] Sym image)
    {
        var x = image.Conv2d(64, k: 3, stride: 2).Relu().MaxPool2d(3, stride: 2, ceil: true);
        x = Fire(Fire(x, 16, 64), 16, 64).MaxPool2d(3, stride: 2, ceil: true);
        x = Fire(Fire(x, 32, 128), 32, 128).MaxPool2d(3, stride: 2, ceil: true);
        x = Fire(Fire(Fire(Fire(x, 48, 192), 48, 192), 64, 256), 64, 256);
        return x.Dropout().Conv2d(1000, k: 1).Relu().MeanPool2d();
    }

    [Block]
    private static Sym Fire(Sym x, int squeeze, int expand)
    {
        var narrow = x.Conv2d(squeeze, k: 1).Relu();
        return narrow.Conv2d(expand, k: 1).Relu().Cat(narrow.Conv2d(expand, k: 3, pad: 1).Relu());
    }
}

/// <summary>Residual blocks with a bottleneck. He et al. 2016, with the stride in the 3×3 as torchvision has it.</summary>
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
        var y = x.Conv2d(channels, k: 1, bias: false).BatchNorm().Relu().Conv2d(channels, k: 3, stride: stride, pad: 1, bias: false).BatchNorm().Relu();
        y = y.Conv2d(4 * channels, k: 1, bias: false).BatchNorm();
        var skip = isProjected ? x.Conv2d(4 * channels, k: 1, stride: stride, bias: false).BatchNorm() : x;
        return (y + skip).Relu();
    }
}

/// <summary>A residual network over time and space. Tran et al. 2018, R3D-18 as torchvision has it.</summary>
[Network(Dims = "B:batch, D:time, H:spatial, W:spatial", Where = "B >= 2")]
public partial class VideoResNet18
{
    [Spec]
    [return: Shape("B, 400")]
    internal static Sym Forward([Shape("B, 3, D, H, W")] Sym video)
    {
        var x = video.Conv3d(64, k: (3, 7, 7), stride: (1, 2, 2), pad: (1, 3, 3), bias: false).BatchNorm().Relu();
        for (var stage = 0; stage < 4; stage++)
            for (var i = 0; i < 2; i++) x = Basic(x, 64 << stage, stage > 0 && i == 0);
        return x.MeanPool3d().Linear(400);
    }

    [Block]
    private static Sym Basic(Sym x, int channels, bool isNarrowed)
    {
        var y = x.Conv3d(channels, k: 3, stride: isNarrowed ? 2 : 1, pad: 1, bias: false).BatchNorm().Relu().Conv3d(channels, k: 3, pad: 1, bias: false).BatchNorm();
        var skip = isNarrowed ? x.Conv3d(channels, k: 1, stride: 2, bias: false).BatchNorm() : x;
        return (y + skip).Relu();
    }
}

/// <summary>A convolutional network with a transformer's habits. Liu et al. 2022, tiny.</summary>
[Network(Dims = "B:batch, H:spatial, W:spatial", Where = "H >= 32, W >= 32")]
public partial class ConvNextTiny
{
    [Spec]
    [return: Shape("B, 1000")]
    internal static Sym Forward([Shape("B, 3, H, W")] Sym image)
    {
        var x = Normalised(image.Conv2d(96, k: 4, stride: 4));
        for (var i = 0; i < 3; i++) x = Mixed(x, 96, 0.1 * i / 17);
        x = Normalised(x).Conv2d(192, k: 2, stride: 2);
        for (var i = 0; i < 3; i++) x = Mixed(x, 192, 0.1 * (3 + i) / 17);
        x = Normalised(x).Conv2d(384, k: 2, stride: 2);
        for (var i = 0; i < 9; i++) x = Mixed(x, 384, 0.1 * (6 + i) / 17);
        x = Normalised(x).Conv2d(768, k: 2, stride: 2);
        for (var i = 0; i < 3; i++) x = Mixed(x, 768, 0.1 * (15 + i) / 17);
        return x.MeanPool2d().LayerNorm(eps: 1e-6).Linear(1000);
    }

    /// <summary>Layer normalisation of the channels at each pixel.</summary>
    [Block]
    private static Sym Normalised(Sym x) => x.Permute(0, 2, 3, 1).LayerNorm(eps: 1e-6).ToChannelsFirst();

    [Block]
    private static Sym Mixed(Sym x, int channels, double drop)
    {
        var y = x.Conv2d(channels, k: 7, pad: 3, groups: channels).Permute(0, 2, 3, 1).LayerNorm(eps: 1e-6);
        y = y.Linear(4 * channels).Gelu().Linear(channels).ToChannelsFirst();
        var scale = Sym.Parameter($"{channels}, 1, 1", Init.Constant(1e-6));
        return x + (y * scale).DropPath(drop);
    }
}
