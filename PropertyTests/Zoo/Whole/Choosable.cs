using System;

namespace Hybrid.PropertyTests.Zoo.Whole;

/// <summary>All that a [Param] may be: a size, numbers, a depth, a bool. A sweep over them is one compiled program.</summary>
[Network(Dims = "B")]
[Derive(Variant.Functional, Variant.Ensemble, Variant.Flipout, Variant.Tangent, Variant.Card)]
public partial class Choosable
{
    /// <param name="x">Features.</param>
    /// <param name="hidden">Width of the hidden layers.</param>
    /// <param name="dropout">Share of hidden units that is dropped in training, in [0, 1).</param>
    /// <param name="slope">Of the rectifier below 0.</param>
    /// <param name="depth">Hidden layers.</param>
    /// <param name="isNormalised">Whether each is normalised.</param>
    [Spec]
    [return: Shape("B, 3")]
    static Sym Forward(
        [Shape("B, 5")] Sym x,
        [Param] int hidden = 8,
        [Param] double dropout = 0.25,
        [Param] double slope = 0.2,
        [Param(Max = 3)] int depth = 2,
        [Param] bool isNormalised = false)
    {
        var y = x.Linear(hidden);
        for (var i = 0; i < depth; i++)
        {
            var z = y.Linear(hidden);
            if (isNormalised) z = z.Softplus(1 + slope);
            z = z.LeakyRelu(slope) * (1 - dropout) / Math.Sqrt(hidden);
            y = y + z.Dropout(dropout);
        }
        return y.Linear(3);
    }
}
