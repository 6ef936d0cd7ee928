using Hybrid;

namespace Hybrid.Models.Systems.Cygno;

/// <summary>Nuclear against electron recoils in camera images: the baseline of the IDAO 2021 competition on CYGNO's simulation.</summary>
[Network(Dims = "B:batch", Where = "B >= 2")]
public partial class RecoilBaseline
{
    [Spec]
    [return: Shape("B, 2", "B, 1")]
    internal static (Sym classes, Sym energy) Forward([Shape("B, 1, 120, 120")] Sym image)
    {
        var x = image.Conv2d(16, k: 5, pad: 2).BatchNorm().Relu().MaxPool2d(19, stride: 7).Flatten().Dropout().Linear(500, inputs: 3600);
        return (x.Linear(2), x.Linear(1));
    }
}
