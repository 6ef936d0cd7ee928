using Hybrid;

namespace Hybrid.PropertyTests.Zoo.Whole;

/// <summary>Down, up and joined with what was before, twice.</summary>
[Network(Dims = "B:batch, H:spatial, W:spatial", Where = "B >= 2, H % 4 == 0, W % 4 == 0, H <= 16, W <= 16")]
[Derive(Variant.Functional, Variant.Ensemble, Variant.Flipout, Variant.Tangent, Variant.Card)]
public partial class Segmenter
{
    [Spec]
    [return: Shape("B, 2, H, W")]
    internal static Sym Forward([Shape("B, 1, H, W")] Sym image)
    {
        var fine = Twice(image, 3);
        var coarse = Twice(fine.MaxPool2d(2), 4);
        var deep = Twice(coarse.AvgPool2d(2), 6);
        var up = Twice(deep.ConvTranspose2d(4, k: 2, stride: 2).Cat(coarse), 4);
        return Twice(up.Upsample(2, bilinear: true).Cat(fine), 3).Conv2d(2, k: 1);
    }

    [Block]
    private static Sym Twice(Sym x, int channels)
    {
        for (var i = 0; i < 2; i++) x = x.Conv2d(channels, k: 3, pad: 1, bias: false).BatchNorm().LeakyRelu();
        return x;
    }
}

/// <summary>
/// Residual blocks of two kinds with squeeze-and-excite, learned slopes and stochastic depth; a width of the constructor's.
/// </summary>
[Network(Dims = "B:batch, H:spatial, W:spatial", Where = "B >= 2, H >= 8, W >= 8, H <= 14, W <= 14")]
[Derive(Variant.Functional, Variant.Ensemble, Variant.Flipout, Variant.Tangent, Variant.Card)]
public partial class Residuals
{
    [Spec]
    [return: Shape("B, 3", "B, 2*width")]
    internal static (Sym classes, Sym features) Forward([Shape("B, 2, H, W")] Sym image, [Param] int width = 2)
    {
        var x = image.Conv2d(width, k: 3, stride: 2, pad: 1).BatchNorm().PRelu();
        for (var i = 0; i < 2; i++) x = x + x.Conv2d(width, k: 3, same: true).BatchNorm().SqueezeExcite(2).DropPath(0.1 * i);
        var features = x.Conv2d(2 * width, k: (1, 3), stride: (2, 1), dilation: (1, 2), same: true).PRelu(perChannel: true).MeanPool2d();
        return (features.Linear(3).LogSoftmax(), features);
    }
}

/// <summary>Every layer sees all before it.</summary>
[Network(Dims = "B:batch, H:spatial", Where = "B >= 2, H >= 6, H <= 12")]
[Derive(Variant.Functional, Variant.Ensemble, Variant.Flipout, Variant.Tangent, Variant.Card)]
public partial class Dense
{
    [Spec]
    internal static Sym Forward([Shape("B, 3, H, H")] Sym image)
    {
        var x = image;
        for (var i = 0; i < 4; i++) x = x.Cat(x.GroupNorm(1).Silu().Conv2d(2, k: 3, pad: 1));
        return x.BlurPool2d(stride: 2).AdaptiveMaxPool2d(2).Flatten().Linear(2);
    }
}

/// <summary>Turns with the image: fields of a group through both convolutions, pooled to scalars.</summary>
[Network(Dims = "B:batch", Where = "B >= 2")]
[Derive(Variant.Functional, Variant.Ensemble, Variant.Flipout, Variant.Tangent, Variant.Card)]
public partial class Turning
{
    [Spec]
    internal static Sym Forward([Shape("B, 1, 9, 9")] Sym image)
    {
        var x = image.LiftConv2d(2, k: 3, Symmetry.D4, pad: 1).GroupBatchNorm(Symmetry.D4).Elu();
        x = x + x.GroupConv2d(2, k: 3, Symmetry.D4, pad: 1, bias: false);
        return x.GroupPool(Symmetry.D4, mean: true).MeanPool2d().Linear(2);
    }
}

/// <summary>Volumes and their slices.</summary>
[Network(Dims = "B:batch, D:spatial", Where = "B >= 2, D >= 4, D <= 8")]
[Derive(Variant.Functional, Variant.Ensemble, Variant.Flipout, Variant.Tangent, Variant.Card)]
public partial class Voxels
{
    [Spec]
    internal static (Sym volume, Sym slice) Forward([Shape("B, 1, D, 6, 6")] Sym volume)
    {
        var x = volume.Conv3d(3, k: 3, pad: 1, groups: 1).BatchNorm().Relu().MaxPool3d((1, 2, 2));
        var slice = x.Slice(2, 1, 1).Squeeze(2).Conv2d(2, k: 2);
        return (x.Conv3d(2, k: (2, 3, 3), stride: 2, bias: false).MeanPool3d(), slice.Reshape("B, -1"));
    }
}

/// <summary>A weight for each channel and an offset for the whole batch, from inputs of other ranks.</summary>
[Network(Dims = "B:batch, H:spatial, W:spatial", Where = "H <= 9, W <= 9")]
[Derive(Variant.Functional, Variant.Ensemble, Variant.Flipout, Variant.Tangent, Variant.Card)]
public partial class Modulated
{
    [Spec]
    internal static Sym Forward([Shape("B, 3, H, W")] Sym image, [Shape("B, 5")] Sym style, [Shape("4")] Sym offset)
    {
        var scale = style.Linear(4).Sigmoid().Unsqueeze(2).Unsqueeze(3);
        var x = image.Conv2d(4, k: 1) * scale.Broadcast() + offset.Linear(4).Reshape("1, 4, 1, 1").Broadcast();
        return x.Sum((2, 3)) / (1 + x.Abs().Mean((1, 2, 3), keep: true).Squeeze(3).Squeeze(2)).Broadcast();
    }
}

/// <summary>Encoder and decoder of an image with a code that is drawn from noise given as an input.</summary>
[Network(Dims = "B:batch")]
[Derive(Variant.Functional, Variant.Ensemble, Variant.Flipout, Variant.Tangent, Variant.Card)]
public partial class Coded
{
    [Spec]
    internal static (Sym image, Sym mean, Sym logVariance) Forward([Shape("B, 1, 8, 8")] Sym image, [Shape("B, 2")] Sym noise)
    {
        var x = image.Conv2d(3, k: 4, stride: 2, pad: 1).Relu().Conv2d(4, k: 4, stride: 2, pad: 1).Relu().Flatten();
        var (mean, logVariance) = x.Linear(4).Split(1, 2, 2);
        var code = mean + (logVariance * 0.5).Exp() * noise;
        var y = code.Linear(16).Tanh().Reshape("B, 4, 2, 2").ConvTranspose2d(3, k: 4, stride: 2, pad: 1).Softplus();
        return (y.ConvTranspose2d(1, k: 4, stride: 2, pad: 1).Sigmoid(), mean, logVariance);
    }
}
