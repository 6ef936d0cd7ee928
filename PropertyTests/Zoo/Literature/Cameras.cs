using Hybrid;

namespace Hybrid.PropertyTests.Zoo.Literature;

/// <summary>Two images by one convolutional encoder, and how far they are apart. Koch et al. 2015.</summary>
[Network(Dims = "B:batch, H:spatial, W:spatial", Where = "H >= 24, W >= 24")]
[Derive(Variant.Functional, Variant.Ensemble, Variant.Tangent)]
public partial class SiameseImages
{
    [Spec]
    [return: Shape("B, 1")]
    internal static Sym Forward([Shape("B, 1, H, W")] Sym left, [Shape("B, 1, H, W")] Sym right)
    {
        var (stem, middle, code) = (
            Layer.Conv2d(8, k: 5, key: "stem"), Layer.Conv2d(16, k: 3, key: "middle"), Layer.Linear(32, key: "code"));
        var a = code.On(middle.On(stem.On(left).Relu().MaxPool2d(2)).Relu().MeanPool2d()).Sigmoid();
        var b = code.On(middle.On(stem.On(right).Relu().MaxPool2d(2)).Relu().MeanPool2d()).Sigmoid();
        return (a - b).Abs().Linear(1);
    }
}
