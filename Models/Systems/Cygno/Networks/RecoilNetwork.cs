using Hybrid;

namespace Hybrid.Models.Systems.Cygno;

/// <summary>
/// Kind and energy of a recoil from the exercise's preprocessed image (60 to 130 ADU as 0 to 1, the middle 128 × 128 pixels).
/// </summary>
/// <remarks>
/// In a simulated image pixels are independent given kind and energy, so the best score is a sum over pixels of a function of the pixel's
/// value and place. Each pixel's brightness (<see cref="PixelBrightness"/>) goes through functions of its own (<c>knots</c> bends) before
/// anything is summed: summed first, single bright pixels are lost. Then 2 × 2 pixels are averaged and two convolutions follow. The
/// detector does not distinguish rotations and reflections: training turns each batch at random, and <see cref="RecoilReading"/> averages
/// over all eight. <see cref="RecoilStem"/> and <see cref="RecoilBody"/> are its two halves. 47,000 weights.
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
    internal static (Sym kinds, Sym energy, Sym logError) Forward(
        [Shape("B, 1, 128, 128")] Sym image, [Param] int classes = 12, [Param] int knots = 12)
        => Body(Stem(image, knots), classes);

    /// <summary>
    /// Each pixel's function of its brightness, averaged over 2 × 2 pixels: (B, 1, 128, 128) → (B, knots, 32, 32). Turning the image turns
    /// it, so that eight orientations cost it once (<see cref="RecoilReading"/>).
    /// </summary>
    [Block]
    internal static Sym Stem(Sym image, int knots)
    {
        // The four pixels of each block apart and the functions along the last axis: this map is the largest of the network, and so its
        // mean runs over whole rows of memory (AvgPool2d takes five times as long), and what follows gets its channels last.
        var pixels = PixelBrightness.Of(image).Reshape("B, 32, 2, 32, 2").Permute(0, 2, 4, 1, 3).Reshape("B, 4, 32, 32, 1");
        var bends = pixels.Linear(knots, key: "bends").Relu().Mean(1).ToChannelsFirst();
        return bends.BatchNorm(key: "bends_norm");
    }

    /// <summary>What does depend on the orientation: (B, knots, 32, 32) → the network's answers.</summary>
    [Block]
    internal static (Sym kinds, Sym energy, Sym logError) Body(Sym bends, int classes)
    {
        var first = bends.Conv2d(24, k: 5, stride: 2, pad: 2, key: "first").BatchNorm(key: "first_norm").Relu();
        var second = first.Conv2d(32, k: 3, pad: 1, key: "second").BatchNorm(key: "second_norm").Relu();
        var features = second.AvgPool2d(2).Flatten().Dropout(0.2);
        var energy = features.Linear(2, key: "energy");
        return (features.Linear(classes, key: "kind"), energy[.., 0], energy[.., 1].Clamp(-6, 1));
    }
}
