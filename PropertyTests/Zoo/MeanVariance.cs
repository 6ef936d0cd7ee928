using Hybrid;

namespace Hybrid.PropertyTests.Zoo;

/// <summary>Two inputs of different size, joined; a mean and a positive variance come out. The width is the constructor's.</summary>
[Network(Dims = "B")]
[Derive(Variant.Functional, Variant.Tangent, Variant.Ensemble, Variant.Flipout)]
public partial class MeanVariance
{
    [Spec]
    [return: Shape("B", "B")]
    internal static (Sym mean, Sym variance) Forward([Shape("B, 5")] Sym photometry, [Shape("B, 3")] Sym shape, [Param] int hidden = 24)
    {
        var joined = photometry.Linear(hidden).Silu().Cat(shape.Linear(hidden).Silu());
        var h = joined.Linear(2 * hidden).Gelu().Highway(2 * hidden);
        var mean = h.Linear(1).Squeeze(1);
        var variance = h.Linear(1).Softplus().Squeeze(1);
        return (mean, variance);
    }
}
