using Hybrid;

namespace Hybrid.Models.Systems.Cygno;

/// <summary>The first half of <see cref="RecoilNetwork"/> by itself, which turns with the image.</summary>
[Network(Dims = "B:batch")]
[Derive(Variant.Functional)]
public partial class RecoilStem
{
    /// <summary>Means over 2 × 2 pixels of <c>knots</c> functions of a pixel's brightness.</summary>
    [Spec]
    [return: Shape("B, knots, 32, 32")]
    internal static Sym Forward([Shape("B, 1, 128, 128")] Sym image, [Param] int knots = 12) => RecoilNetwork.Stem(image, knots);
}
