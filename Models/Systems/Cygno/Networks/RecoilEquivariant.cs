using Hybrid;

namespace Hybrid.Models.Systems.Cygno;

/// <summary>
/// The answers of <see cref="RecoilNetwork"/> by a network that does not change when the image is rotated by a quarter turn or reflected:
/// convolutions over the group D4 (Cohen and Welling 2016), the last of which covers the whole map, and the mean over the group.
/// </summary>
[Network(Dims = "B:batch", Training = "B >= 2")]
public partial class RecoilEquivariant
{
    private const Symmetry Group = Symmetry.D4;

    /// <summary>
    /// Logits of the kinds and energies, electrons first, each by rising energy; energy / 30 keV; logarithm of its expected error / 30 keV.
    /// </summary>
    [Spec]
    [return: Shape("B, classes", "B", "B")]
    internal static (Sym kinds, Sym energy, Sym logError) Forward([Shape("B, 1, 128, 128")] Sym image, [Param] int classes = 12)
    {
        var shares = PixelBrightness.Shares(PixelBrightness.Of(image), 4).Is("B, 13, 16, 16").BatchNorm(key: "shares_norm");
        var first = shares.LiftConv2d(8, k: 3, Group, pad: 1, bias: false, key: "first").GroupBatchNorm(Group, key: "first_norm").Relu();
        var second = first.GroupConv2d(6, k: 3, Group, pad: 1, bias: false, key: "second").GroupBatchNorm(Group, key: "second_norm").Relu();
        var features = second.AvgPool2d(2).Is("B, 48, 8, 8").Dropout(0.2);
        var kinds = features.GroupConv2d(classes, k: 8, Group, key: "kind").GroupPool(Group, mean: true).Flatten();
        var energy = features.GroupConv2d(2, k: 8, Group, key: "energy").GroupPool(Group, mean: true).Flatten();
        return (kinds, energy[.., 0], energy[.., 1].Clamp(-6, 1));
    }
}
