using Hybrid;

namespace Hybrid.PropertyTests.Zoo;

/// <summary>A multilayer perceptron with normalisation and dropout; its widths are compile-time arithmetic in a loop.</summary>
[Network(Dims = "B", Where = "B >= 2")]
[Derive(Variant.Functional, Variant.Tangent, Variant.Ensemble, Variant.Flipout)]
public partial class Mlp
{
    internal const int Features = 12;

    [Spec]
    [return: Shape("B, 2")]
    internal static Sym Forward([Shape("B, Features")] Sym x)
    {
        for (var width = 32; width >= 8; width /= 2) x = Layer(x, width, dropout: width > 8 ? 0.2 : 0);
        return x.Linear(2);
    }

    [Block]
    private static Sym Layer(Sym x, int width, double dropout)
    {
        var h = x.Linear(width).BatchNorm().Relu();
        if (dropout > 0) h = h.Dropout(dropout);
        return h;
    }
}
