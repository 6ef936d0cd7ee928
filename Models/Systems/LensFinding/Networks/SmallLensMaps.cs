using Hybrid;

namespace Hybrid.Models.Systems.LensFinding;

/// <summary><see cref="SmallLensEncoder"/> with the map that its features are the means of.</summary>
[Network(Dims = "B:batch, H:spatial, W:spatial", Where = "H >= 16, W >= 16", Training = "B >= 2")]
public partial class SmallLensMaps
{
    [Spec]
    internal static (Sym features, Sym map) Forward([Shape("B, bands, H, W")] Sym image, [Param] int bands = 3)
    {
        var x = image.Conv2d(16, k: 5, stride: 2, pad: 2, key: "first").BatchNorm(key: "first_norm").Relu();
        x = x.Conv2d(24, k: 3, pad: 1, key: "second").BatchNorm(key: "second_norm").Relu().MaxPool2d(2);
        x = x.Conv2d(48, k: 3, pad: 1, key: "third").BatchNorm(key: "third_norm").Relu().MaxPool2d(2);
        var map = x.Conv2d(SmallLensEncoder.Features, k: 3, pad: 1, key: "fourth").BatchNorm(key: "fourth_norm").Relu();
        return (map.MeanPool2d(), map);
    }
}
