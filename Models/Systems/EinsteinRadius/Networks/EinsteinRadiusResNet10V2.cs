using Hybrid;

namespace Hybrid.Models.Systems.EinsteinRadius;

/// <summary>
/// The Einstein radius of a lens in three bands: ten layers with projections, each branch normalised once more before the sum.
/// </summary>
[Network(Dims = "B:batch, H:spatial, W:spatial", Where = "H >= 8, W >= 8", Training = "B >= 2")]
[Derive(Variant.Functional)]
public partial class EinsteinRadiusResNet10V2
{
    [Spec]
    [return: Shape("B, 1")]
    internal static Sym Forward([Shape("B, 3, H, W")] Sym image) => Features(image).Linear(1);

    /// <summary>256 features of an image.</summary>
    [Block]
    public static Sym Features(Sym image)
    {
        var x = image.Conv2d(64, k: 7, stride: 2, same: true).BatchNorm().Relu().MaxPool2d(3, stride: 2);
        for (var i = 0; i < 4; i++) x = Projection(x, 32 << i, stride: i == 0 ? 1 : 2);
        return x.MeanPool2d();
    }

    /// <summary>Two convolutions beside a projection of the input.</summary>
    [Block]
    public static Sym Projection(Sym x, int channels, int stride)
    {
        var y = x.Conv2d(channels, k: 3, stride: stride, same: true).BatchNorm().Relu().Conv2d(channels, k: 3, same: true).BatchNorm()
            .Relu().BatchNorm();
        return (y + x.Conv2d(channels, k: 1, stride: stride).BatchNorm()).Relu();
    }
}
