using Hybrid;

namespace Hybrid.Models.Systems.LensFinding;

/// <summary>
/// A lens finder like LASTRO EPFL's of the Bologna challenge: convolutions without padding, three wide layers, probability of a lens.
/// Schaefer et al. 2018; Metcalf et al. 2019, Table 3. Of four bands; with batch normalisation its 5,674,081 numbers are the published
/// 5.674 M.
/// </summary>
[Network(Dims = "B:batch", Where = "B >= 2")]
public partial class LastroLensFinder
{
    [Spec]
    [return: Shape("B, 1")]
    internal static Sym Forward([Shape("B, 4, 101, 101")] Sym image)
    {
        var x = Pair(image, 16, k: 4).MaxPool2d(2);
        x = Pair(x, 32, k: 3).MaxPool2d(2);
        x = Pair(x, 64, k: 3).MaxPool2d(2);
        x = Pair(x, 128, k: 3).Is("B, 128, 5, 5").Flatten();
        for (var i = 0; i < 3; i++) x = x.Linear(1024).Relu().Dropout();
        return x.Linear(1).Sigmoid();
    }

    [Block]
    private static Sym Pair(Sym x, int channels, int k)
        => x.Conv2d(channels, k: k).Relu().BatchNorm().Conv2d(channels, k: 3).Relu().BatchNorm();
}
