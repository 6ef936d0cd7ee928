using Hybrid;

namespace Hybrid.PropertyTests.Zoo.Literature;

/// <summary>A convolutional autoencoder that restores the size of its input.</summary>
[Network(Dims = "B:batch, H:spatial, W:spatial", Where = "H % 4 == 0, W % 4 == 0")]
[Derive(Variant.Functional, Variant.Ensemble, Variant.Flipout, Variant.Tangent)]
public partial class Autoencoder
{
    [Spec]
    [return: Shape("B, 3, H, W")]
    internal static Sym Forward([Shape("B, 3, H, W")] Sym image)
    {
        var code = image.Conv2d(16, k: 3, stride: 2, pad: 1).GroupNorm(4).Gelu().Conv2d(32, k: 3, stride: 2, pad: 1).Gelu();
        var x = code.Is("B, 32, H/4, W/4").ConvTranspose2d(16, k: 3, stride: 2, pad: 1, outputPad: 1).GroupNorm(4).Gelu();
        return x.Upsample(2, bilinear: true).Conv2d(3, k: 3, pad: 1);
    }
}

/// <summary>A fully convolutional classifier of every pixel. Long et al. 2015, in small.</summary>
[Network(Dims = "B:batch, H:spatial, W:spatial", Where = "B >= 2, H % 8 == 0, W % 8 == 0")]
[Derive(Variant.Functional, Variant.Ensemble, Variant.Flipout, Variant.Tangent)]
public partial class FullyConvolutional
{
    [Spec]
    [return: Shape("B, 5, H, W")]
    internal static Sym Forward([Shape("B, 3, H, W")] Sym image)
    {
        var x = image;
        for (var i = 0; i < 3; i++) x = x.Conv2d(16 << i, k: 3, pad: 1).BatchNorm().Relu().MaxPool2d(2);
        return x.Conv2d(5, k: 1).Upsample(8, bilinear: true);
    }
}
