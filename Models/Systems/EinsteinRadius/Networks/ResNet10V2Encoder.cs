using Hybrid;

namespace Hybrid.Models.Systems.EinsteinRadius;

/// <summary>The features of <see cref="EinsteinRadiusResNet10V2"/>.</summary>
[Network(Dims = "B:batch, H:spatial, W:spatial", Where = "H >= 8, W >= 8", Training = "B >= 2")]
[Derive(Variant.Functional, Variant.Flipout)]
public partial class ResNet10V2Encoder
{
    /// <summary>Features of an image.</summary>
    public const int Features = 256;

    [Spec]
    [return: Shape("B, 256")]
    internal static Sym Forward([Shape("B, 3, H, W")] Sym image) => EinsteinRadiusResNet10V2.Features(image);
}
