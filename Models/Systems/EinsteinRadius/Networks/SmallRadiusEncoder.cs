using Hybrid;

namespace Hybrid.Models.Systems.EinsteinRadius;

/// <summary>
/// A small encoder of lenses for comparisons of techniques in minutes on a processor: five convolutions that see the whole image, 96
/// features. The first one halves the image: a survey's PSF is four pixels wide. Bands g, r and i.
/// </summary>
[Network(Dims = "B:batch, H:spatial, W:spatial", Where = "H >= 16, W >= 16", Training = "B >= 2")]
[Derive(Variant.Functional, Variant.Flipout)]
public partial class SmallRadiusEncoder
{
    /// <summary>Features of an image.</summary>
    public const int Features = 96;

    [Spec]
    [return: Shape("B, 96")]
    internal static Sym Forward([Shape("B, 3, H, W")] Sym image)
    {
        var x = image.Conv2d(24, k: 5, stride: 2, pad: 2, key: "first").BatchNorm(key: "first_norm").Relu();
        x = x.Conv2d(32, k: 3, pad: 1, key: "second").BatchNorm(key: "second_norm").Relu().MaxPool2d(2);
        x = x.Conv2d(64, k: 3, pad: 1, key: "third").BatchNorm(key: "third_norm").Relu();
        x = x.Conv2d(Features, k: 3, stride: 2, pad: 1, key: "fourth").BatchNorm(key: "fourth_norm").Relu();
        return x.Conv2d(Features, k: 3, pad: 1, key: "fifth").BatchNorm(key: "fifth_norm").Relu().MeanPool2d();
    }
}
