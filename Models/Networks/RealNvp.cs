using System.Collections.Generic;
using Hybrid;

namespace Hybrid.Models.Networks;

/// <summary>
/// A normalising flow that maps parameters to normal numbers, given some context: eight affine couplings, each of which leaves the
/// parameters of its mask as they are and scales and shifts the others by functions of those and of the context. Dinh, Sohl-Dickstein
/// and Bengio 2017, "Density estimation using Real NVP", eq. 7–9; conditional as in Ardizzone et al. 2019, section 3.2.
/// </summary>
/// <remarks>
/// ln q(θ | given) = ln N(normal; 0, 1) + Σ scales. <see cref="RealNvpInverse"/> goes the other way with the same weights. Scales are
/// within ±2, and zero at first: the flow begins as a shift.
/// </remarks>
[Network(Dims = "B:batch")]
public partial class RealNvp
{
    /// <summary>Couplings, one mask each.</summary>
    public const int Couplings = 8;

    internal const double LargestScale = 2;

    /// <param name="theta">Parameters, of mean about 0 and variance about 1.</param>
    /// <param name="given">What they depend on, scaled likewise.</param>
    /// <param name="masks">1 where a coupling leaves a parameter as it is, 0 where it changes it.</param>
    /// <param name="dimensions">How many parameters.</param>
    /// <param name="context">Numbers that they depend on.</param>
    /// <param name="width">Of the two hidden layers in each coupling.</param>
    [Spec]
    [return: Shape("B, dimensions", "B, dimensions")]
    internal static (Sym normal, Sym scales) Forward(
        [Shape("B, dimensions")] Sym theta, [Shape("B, context")] Sym given, [Shape("Couplings, dimensions")] Sym masks,
        [Param] int dimensions = 2, [Param] int context = 2, [Param] int width = 32)
    {
        var z = theta;
        var scales = new List<Sym>();
        for (var i = 0; i < Couplings; i++)
        {
            var kept = masks[i].Unsqueeze(0);
            var hidden = (z * kept).Cat(given).Linear(width, key: $"coupling_{i}.first").Tanh()
                .Linear(width, key: $"coupling_{i}.second").Tanh();
            var scale = hidden.Linear(dimensions, weightInit: Init.Zeros, biasInit: Init.Zeros, key: $"coupling_{i}.scale");
            scale = scale.Tanh() * LargestScale * (1 - kept);
            var shift = hidden.Linear(dimensions, key: $"coupling_{i}.shift") * (1 - kept);
            z = z * scale.Exp() + shift;
            scales.Add(scale);
        }
        var total = scales[0];
        for (var i = 1; i < Couplings; i++) total = total + scales[i];
        return (z, total);
    }
}
