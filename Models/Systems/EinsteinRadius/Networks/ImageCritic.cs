using Hybrid;

namespace Hybrid.Models.Systems.EinsteinRadius;

/// <summary>How real images look, as a number whose mean differs most between two sets: a critic without normalisation, as a gradient
/// penalty asks (Gulrajani et al. 2017, section 4).</summary>
[Network(Dims = "B:batch, H:spatial, W:spatial", Where = "H >= 16, W >= 16")]
public partial class ImageCritic
{
    [Spec]
    [return: Shape("B, 1")]
    internal static Sym Forward([Shape("B, bands, H, W")] Sym image, [Param] int bands = 3)
    {
        var x = image.Conv2d(24, k: 5, stride: 2, pad: 2, key: "first").LeakyRelu(0.2);
        x = x.Conv2d(48, k: 3, stride: 2, pad: 1, key: "second").LeakyRelu(0.2);
        x = x.Conv2d(64, k: 3, stride: 2, pad: 1, key: "third").LeakyRelu(0.2);
        return x.MeanPool2d().Linear(64, key: "fourth").LeakyRelu(0.2).Linear(1, key: "out");
    }
}
