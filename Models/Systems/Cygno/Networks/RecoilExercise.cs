using Hybrid;

namespace Hybrid.Models.Systems.Cygno;

/// <summary>
/// A small convolutional network on 128×128 crops, as the CYGNO exercise asks. Its one number is the logit of a nuclear recoil, whose
/// sigmoid is the exercise's response; or, trained on energies, the energy / 30 keV.
/// </summary>
[Network(Dims = "B:batch")]
public partial class RecoilExercise
{
    [Spec]
    [return: Shape("B, 1")]
    internal static Sym Forward([Shape("B, 1, 128, 128")] Sym image)
    {
        // Less the mean background, and scaled to about 1: of images that lie between 0.5 and 0.65 nearly everywhere it learns nothing.
        var x = (image - PixelBrightness.Background) * 10;
        for (var channels = 8; channels <= 64; channels *= 2) x = x.Conv2d(channels, k: 3, pad: 1).Relu().MaxPool2d(2);
        return x.Is("B, 64, 8, 8").Flatten().Linear(32).Relu().Dropout(0.3).Linear(1);
    }
}
