using Hybrid;

namespace Hybrid.Models.Systems.LensFinding;

/// <summary>
/// A small encoder of lens candidates: four convolutions, 64 features, for comparisons of methods in minutes on a processor. The first one
/// halves the image: a survey's PSF is four pixels wide. 43,128 weights for three bands.
/// </summary>
[Network(Dims = "B:batch, H:spatial, W:spatial", Where = "H >= 16, W >= 16", Training = "B >= 2")]
public partial class SmallLensEncoder
{
    /// <summary>Features of an image.</summary>
    public const int Features = 64;

    [Spec]
    [return: Shape("B, 64")]
    internal static Sym Forward([Shape("B, bands, H, W")] Sym image, [Param] int bands = 3)
    {
        var x = image.Conv2d(16, k: 5, stride: 2, pad: 2, key: "first").BatchNorm(key: "first_norm").Relu();
        x = x.Conv2d(24, k: 3, pad: 1, key: "second").BatchNorm(key: "second_norm").Relu().MaxPool2d(2);
        x = x.Conv2d(48, k: 3, pad: 1, key: "third").BatchNorm(key: "third_norm").Relu().MaxPool2d(2);
        return x.Conv2d(Features, k: 3, pad: 1, key: "fourth").BatchNorm(key: "fourth_norm").Relu().MeanPool2d();
    }
}
