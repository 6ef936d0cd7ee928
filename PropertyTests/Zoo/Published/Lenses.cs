using Hybrid;

namespace Hybrid.PropertyTests.Zoo.Published;

/// <summary>
/// A lens finder like LASTRO EPFL's of the Bologna challenge: convolutions without padding, three wide layers, probability of a lens. Schaefer et al. 2018;
/// Metcalf et al. 2019, Table 3. Of four bands; with batch normalisation its 5,674,081 numbers are the published 5.674 M.
/// </summary>
[Network(Dims = "B:batch", Where = "B >= 2")]
public partial class LastroLensFinder
{
    [Spec]
    [return: Shape("B, 1")]
    internal static Sym Forward([Shape("B, 4, 101, 101")] Sym image)
    {
        var x = Pair(image, 16, k: 4).MaxPool2d(2);
        x = Pair(x, 32, k: 3).MaxPool2d(2);
        x = Pair(x, 64, k: 3).MaxPool2d(2);
        x = Pair(x, 128, k: 3).Is("B, 128, 5, 5").Flatten();
        for (var i = 0; i < 3; i++) x = x.Linear(1024).Relu().Dropout();
        return x.Linear(1).Sigmoid();
    }

    [Block]
    private static Sym Pair(Sym x, int channels, int k)
        => x.Conv2d(channels, k: k).Relu().BatchNorm().Conv2d(channels, k: 3).Relu().BatchNorm();
}

/// <summary>The Einstein radius of a lens in three bands: ten layers with projections, each branch normalised once more before the sum.</summary>
[Network(Dims = "B:batch, H:spatial, W:spatial", Where = "B >= 2, H >= 8, W >= 8")]
[Derive(Variant.Functional)]
public partial class EinsteinRadiusResNet10V2
{
    [Spec]
    [return: Shape("B, 1")]
    internal static Sym Forward([Shape("B, 3, H, W")] Sym image)
    {
        var x = image.Conv2d(64, k: 7, stride: 2, same: true).BatchNorm().Relu().MaxPool2d(3, stride: 2);
        for (var i = 0; i < 4; i++) x = Projection(x, 32 << i, stride: i == 0 ? 1 : 2);
        return x.MeanPool2d().Linear(1);
    }

    [Block]
    private static Sym Projection(Sym x, int channels, int stride)
    {
        var y = x.Conv2d(channels, k: 3, stride: stride, same: true).BatchNorm().Relu().Conv2d(channels, k: 3, same: true).BatchNorm().Relu().BatchNorm();
        return (y + x.Conv2d(channels, k: 1, stride: stride).BatchNorm()).Relu();
    }
}

/// <summary>Features of a lens candidate for domain adaptation (ADDA, AdaMatch): EfficientNet-B2 of one band, then 256 numbers.</summary>
[Network(Dims = "B:batch, H:spatial, W:spatial", Where = "B >= 2")]
public partial class EfficientNetEncoder
{
    [Spec]
    [return: Shape("B, 256")]
    internal static Sym Forward([Shape("B, 1, H, W")] Sym image) => EncoderHead.Of(EfficientNetB2.Features(image));
}

/// <summary>The same of a ResNet-34 with a deep stem and averaged shortcuts, "resnet34d". He et al. 2019, section 4.</summary>
[Network(Dims = "B:batch, H:spatial, W:spatial", Where = "B >= 2")]
public partial class ResNet34Encoder
{
    [Spec]
    [return: Shape("B, 256")]
    internal static Sym Forward([Shape("B, 1, H, W")] Sym image) => EncoderHead.Of(ResNet34d.Features(image));
}

/// <summary>The same of a DenseNet-121.</summary>
[Network(Dims = "B:batch, H:spatial, W:spatial", Where = "B >= 2, H >= 64, W >= 64")]
public partial class DenseNetEncoder
{
    [Spec]
    [return: Shape("B, 256")]
    internal static Sym Forward([Shape("B, 1, H, W")] Sym image) => EncoderHead.Of(DenseNet121.Features(image));
}

public static class EncoderHead
{
    [Block]
    public static Sym Of(Sym map) => map.MeanPool2d().Dropout().Linear(256).PRelu();
}

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
        var x = image.Conv2d(32, k: 3, stride: 2, pad: 1, bias: false).BatchNorm().Relu().Conv2d(32, k: 3, pad: 1, bias: false).BatchNorm().Relu();
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
        var y = x.Conv2d(channels, k: 3, stride: stride, pad: 1, bias: false).BatchNorm().Relu().Conv2d(channels, k: 3, pad: 1, bias: false).BatchNorm();
        var skip = stride > 1 ? x.AvgPool2d(2, stride: 2, ceil: true).Conv2d(channels, k: 1, bias: false).BatchNorm() : x;
        return (y + skip).Relu();
    }
}

/// <summary>Which domain 256 features come from. Tzeng et al. 2017.</summary>
[Network(Dims = "B:batch")]
[Derive(Variant.Functional, Variant.Ensemble, Variant.Flipout, Variant.Tangent)]
public partial class DomainDiscriminator
{
    [Spec]
    [return: Shape("B, 1")]
    internal static Sym Forward([Shape("B, 256")] Sym features) => features.Linear(128).PRelu().Linear(128).PRelu().Linear(1);
}

/// <summary>An equivariant encoder of lens candidates, 64×64: mirrors and the half turn, group pooling, 256 numbers. After Weiler and Cesa 2019.</summary>
[Network(Dims = "B:batch", Where = "B >= 2")]
public partial class EquivariantEncoder
{
    private const Symmetry Group = Symmetry.D2;

    [Spec]
    [return: Shape("B, 256")]
    internal static Sym Forward([Shape("B, 1, 64, 64")] Sym image)
    {
        var x = image.LiftConv2d(24, k: 7, Group, pad: 1, bias: false).GroupBatchNorm(Group).Relu();
        x = Layer(x, 48, pad: 2).BlurPool2d();
        x = Layer(Layer(x, 48, pad: 2), 96, pad: 2).BlurPool2d();
        x = Layer(Layer(x, 96, pad: 2), 64, pad: 1).BlurPool2d(stride: 1, pad: 0).Is("B, 256, 9, 9");
        return x.GroupPool(Group).Flatten().Linear(256, inputs: 5184).BatchNorm().Elu().Linear(256);
    }

    [Block]
    private static Sym Layer(Sym x, int fields, int pad) => x.GroupConv2d(fields, k: 5, Group, pad: pad, bias: false).GroupBatchNorm(Group).Relu();
}
