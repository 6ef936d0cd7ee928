using Hybrid;

namespace Hybrid.Models.Systems.Cygno;

/// <summary>
/// A stronger entry of the same competition, by lophy95: two convolutions, 800 features; two outputs for the kind (the logits of nucleus
/// and electron), one for the energy in keV. Images are counts over 255, the middle 120 × 120 pixels.
/// </summary>
[Network(Dims = "B:batch", Training = "B >= 2")]
[Derive(Variant.Functional)]
public partial class RecoilTwoLayers
{
    [Spec]
    [return: Shape("B, outputs")]
    internal static Sym Forward([Shape("B, 1, 120, 120")] Sym image, [Param] int outputs = 2)
    {
        var first = image.Conv2d(16, k: 5, pad: 2, key: "first").BatchNorm(key: "first_norm").Relu().MaxPool2d(6);
        var second = first.Conv2d(32, k: 4, pad: 1, key: "second").BatchNorm(key: "second_norm").Relu().MaxPool2d(6, stride: 3);
        var features = second.Flatten().Dropout(0.4);
        return features.Linear(200, inputs: 800, key: "hidden").Linear(outputs, key: "answer");
    }
}
