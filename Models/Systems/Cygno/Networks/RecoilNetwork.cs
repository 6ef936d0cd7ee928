using Hybrid;

namespace Hybrid.Models.Systems.Cygno;

/// <summary>
/// Kind and energy of a recoil from the exercise's preprocessed image (60 to 130 ADU as 0 to 1, the middle 128 × 128 pixels).
/// </summary>
/// <remarks>
/// In a simulated image pixels are independent given kind and energy, so the best score is a sum over pixels of a function of the pixel's
/// value and place. Counts above the mean background go through a signed square root, which evens out their noise, then through a function
/// of their own (1×1 convolution and ReLU: <c>knots</c> bends) before anything is summed: summed first, single bright pixels are lost. Then
/// 2 × 2 pixels are averaged and two convolutions follow. A recoil's light lies in the middle 64 × 64 pixels. 47,000 weights.
/// </remarks>
[Network(Dims = "B:batch", Training = "B >= 2")]
[Derive(Variant.Functional)]
public partial class RecoilNetwork
{
    /// <summary>ADU in the image's unit, and the mean background in it: (100.41 − 60)/70.</summary>
    private const double Adu = 1.0 / 70, Background = 0.5773;

    /// <summary>Logits of the kinds and energies, electrons first, each by rising energy; energy / 30 keV.</summary>
    [Spec]
    [return: Shape("B, classes", "B")]
    internal static (Sym kinds, Sym energy) Forward(
        [Shape("B, 1, 128, 128")] Sym image, [Param] int classes = 12, [Param] int knots = 12)
    {
        var counts = (image.Slice(2, 32, 64).Slice(3, 32, 64) - Background) / Adu;
        var even = counts / (counts.Abs() + 1).Sqrt();
        var bends = even.Conv2d(knots, k: 1, key: "bends").Relu().AvgPool2d(2).BatchNorm(key: "bends_norm");
        var first = bends.Conv2d(24, k: 5, stride: 2, pad: 2, key: "first").BatchNorm(key: "first_norm").Relu();
        var second = first.Conv2d(32, k: 3, pad: 1, key: "second").BatchNorm(key: "second_norm").Relu().AvgPool2d(2);
        var features = second.Flatten().Dropout(0.2);
        var kinds = features.Linear(classes, key: "kind");
        // An energy for each class, weighed by its probability, and a correction.
        var energy = kinds.Softmax().Linear(1, bias: false, key: "class_energy") + features.Linear(1, key: "energy");
        return (kinds, energy.Squeeze(1));
    }
}
