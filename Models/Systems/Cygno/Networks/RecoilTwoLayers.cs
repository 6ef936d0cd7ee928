using Hybrid;

namespace Hybrid.Models.Systems.Cygno;

/// <summary>A stronger entry of the same competition: two convolutions, 800 features.</summary>
[Network(Dims = "B:batch", Where = "B >= 2")]
[Derive(Variant.Functional)]
public partial class RecoilTwoLayers
{
    [Spec]
    [return: Shape("B, 2")]
    internal static Sym Forward([Shape("B, 1, 120, 120")] Sym image)
    {
        var x = image.Conv2d(16, k: 5, pad: 2).BatchNorm().Relu().MaxPool2d(6).Conv2d(32, k: 4, pad: 1).BatchNorm().Relu()
            .MaxPool2d(6, stride: 3);
        return x.Flatten().Dropout(0.4).Linear(200, inputs: 800).Linear(2);
    }
}
