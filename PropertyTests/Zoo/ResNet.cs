using Hybrid;

namespace Hybrid.PropertyTests.Zoo;

/// <summary>A small residual network. He et al. 2016, with a projection at each change of width.</summary>
[Network(Dims = "B:batch, H:spatial, W:spatial", Where = "B >= 2, H % 4 == 0, W % 4 == 0, H >= 16, W >= 16")]
[Derive(Variant.Functional, Variant.Tangent, Variant.Ensemble, Variant.Flipout)]
public partial class ResNet
{
    private const int Bands = 3;

    [Spec]
    [return: Shape("B, 1")]
    internal static Sym Forward([Shape("B, Bands, H, W")] Sym image)
    {
        var x = image.Conv2d(8, k: 7, stride: 2, pad: 3).BatchNorm().Relu().MaxPool2d(3, stride: 2, pad: 1);
        for (var i = 0; i < 3; i++) x = Residual.Projection(x, 8 << i, stride: i == 0 ? 1 : 2);
        return x.MeanPool2d().Linear(1);
    }
}
