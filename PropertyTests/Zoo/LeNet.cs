using Hybrid;

namespace Hybrid.PropertyTests.Zoo;

/// <summary>LeCun et al. 1998, with ReLU and max pooling as it is usually written today.</summary>
[Network(Dims = "B")]
[Derive(Variant.Functional, Variant.Tangent, Variant.Ensemble, Variant.Flipout)]
public partial class LeNet
{
    private const int Classes = 10;

    [Spec]
    [return: Shape("B, Classes")]
    internal static Sym Forward([Shape("B, 1, 28, 28")] Sym image)
    {
        var c1 = image.Conv2d(6, k: 5, pad: 2).Relu().MaxPool2d(2);
        var c2 = c1.Conv2d(16, k: 5).Relu().MaxPool2d(2);
        var flat = c2.Flatten().Is("B, 400");
        var f1 = flat.Linear(120).Relu();
        var f2 = f1.Linear(84).Relu();
        return f2.Linear(Classes);
    }
}
