using Hybrid;

namespace Hybrid.PropertyTests.Zoo.Layers;

/// <summary>
/// A lifting convolution, one over the group, and what is left when position and orientation do not matter: for each of the groups.
/// </summary>
[Network(Dims = "B:batch")]
[Derive(Variant.Functional, Variant.Tangent, Variant.Ensemble)]
public partial class Turns
{
    [Spec]
    internal static (Sym lifted, Sym deep, Sym pooled) Forward([Shape("B, 2, 9, 9")] Sym image) => Symmetric.Of(image, Symmetry.C4);
}

[Network(Dims = "B:batch")]
[Derive(Variant.Functional, Variant.Tangent, Variant.Ensemble)]
public partial class Mirrors
{
    [Spec]
    internal static (Sym lifted, Sym deep, Sym pooled) Forward([Shape("B, 2, 9, 9")] Sym image) => Symmetric.Of(image, Symmetry.D2);
}

[Network(Dims = "B:batch")]
[Derive(Variant.Functional, Variant.Tangent, Variant.Ensemble)]
public partial class TurnsAndMirrors
{
    [Spec]
    internal static (Sym lifted, Sym deep, Sym pooled) Forward([Shape("B, 2, 9, 9")] Sym image) => Symmetric.Of(image, Symmetry.D4);
}

public static class Symmetric
{
    [Block]
    public static (Sym lifted, Sym deep, Sym pooled) Of(Sym image, Symmetry group)
    {
        var lifted = image.LiftConv2d(2, k: 3, group, key: "lifted");
        var deep = lifted.GroupConv2d(2, k: 3, group, pad: 1, key: "deep");
        var narrow = deep.Relu().GroupConv2d(3, k: 3, group, stride: 2, key: "narrow");
        return (lifted, deep, narrow.GroupPool(group).Sum((2, 3)));
    }
}
