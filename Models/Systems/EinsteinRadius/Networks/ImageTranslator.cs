using Hybrid;

namespace Hybrid.Models.Systems.EinsteinRadius;

/// <summary>
/// An image and what makes it look real: a residual of three small convolutions of the image and of noise, zero at first. It reaches three
/// pixels, less than a PSF, so that it cannot move an arc.
/// </summary>
[Network(Dims = "B:batch, H:spatial, W:spatial")]
public partial class ImageTranslator
{
    [Spec]
    [return: Shape("B, bands, H, W")]
    internal static Sym Forward([Shape("B, bands, H, W")] Sym image, [Shape("B, bands, H, W")] Sym noise, [Param] int bands = 3)
    {
        var x = image.Cat(noise, axis: 1).Conv2d(24, k: 3, pad: 1, key: "first").LeakyRelu(0.2);
        x = x.Conv2d(24, k: 3, pad: 1, key: "second").LeakyRelu(0.2);
        return image + x.Conv2d(bands, k: 3, pad: 1, weightInit: Init.Zeros, biasInit: Init.Zeros, key: "out");
    }
}
