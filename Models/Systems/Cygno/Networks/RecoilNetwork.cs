using Hybrid;

namespace Hybrid.Models.Systems.Cygno;

/// <summary>
/// Kind and energy of a recoil from the exercise's preprocessed image (60 to 130 ADU as 0 to 1, the middle 128 × 128 pixels).
/// </summary>
/// <remarks>
/// In a simulated image pixels are independent given kind and energy, so the best score is a sum over pixels of a function of the pixel's
/// value and place. <see cref="PixelShares"/> makes any such function a linear one, before anything is summed. Two convolutions follow. The
/// detector does not distinguish rotations and reflections: training turns each batch at random, and <see cref="RecoilReading"/> averages
/// over all eight. 43,000 weights.
/// </remarks>
[Network(Dims = "B:batch", Training = "B >= 2")]
[Derive(Variant.Functional)]
public partial class RecoilNetwork
{
    /// <summary>
    /// Logits of the kinds and energies, electrons first, each by rising energy; energy / 30 keV; logarithm of its expected error / 30 keV.
    /// </summary>
    [Spec]
    [return: Shape("B, classes", "B", "B")]
    internal static (Sym kinds, Sym energy, Sym logError) Forward([Shape("B, 1, 128, 128")] Sym image, [Param] int classes = 12)
    {
        var shares = PixelShares.Of(image, 2).Is("B, 13, 32, 32").BatchNorm(key: "shares_norm");
        var first = shares.Conv2d(24, k: 5, stride: 2, pad: 2, bias: false, key: "first").BatchNorm(key: "first_norm").Relu();
        var second = first.Conv2d(32, k: 3, pad: 1, bias: false, key: "second").BatchNorm(key: "second_norm").Relu();
        var features = second.AvgPool2d(2).Flatten().Dropout(0.2);
        var energy = features.Linear(2, key: "energy");
        return (features.Linear(classes, key: "kind"), energy[.., 0], energy[.., 1].Clamp(-6, 1));
    }
}
