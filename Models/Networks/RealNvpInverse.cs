using Hybrid;

namespace Hybrid.Models.Networks;

/// <summary>
/// The way back of <see cref="RealNvp"/>: normal numbers to parameters, by the same weights under the same keys, its couplings undone from
/// the last to the first. Dinh et al. 2017, eq. 8.
/// </summary>
[Network(Dims = "B:batch")]
public partial class RealNvpInverse
{
    private const int Couplings = RealNvp.Couplings;

    /// <param name="normal">Draws of N(0, 1), one for each parameter.</param>
    /// <param name="given">As of <see cref="RealNvp"/>.</param>
    /// <param name="masks">The same as those of <see cref="RealNvp"/>.</param>
    /// <param name="dimensions">How many parameters.</param>
    /// <param name="context">Numbers that they depend on.</param>
    /// <param name="width">Of the two hidden layers in each coupling.</param>
    [Spec]
    [return: Shape("B, dimensions")]
    internal static Sym Forward(
        [Shape("B, dimensions")] Sym normal, [Shape("B, context")] Sym given, [Shape("Couplings, dimensions")] Sym masks,
        [Param] int dimensions = 2, [Param] int context = 2, [Param] int width = 32)
    {
        var theta = normal;
        for (var i = Couplings - 1; i >= 0; i--)
        {
            var kept = masks[i].Unsqueeze(0);
            var hidden = (theta * kept).Cat(given).Linear(width, key: $"coupling_{i}.first").Tanh()
                .Linear(width, key: $"coupling_{i}.second").Tanh();
            var scale = hidden.Linear(dimensions, weightInit: Init.Zeros, biasInit: Init.Zeros, key: $"coupling_{i}.scale");
            scale = scale.Tanh() * RealNvp.LargestScale * (1 - kept);
            var shift = hidden.Linear(dimensions, key: $"coupling_{i}.shift") * (1 - kept);
            theta = (theta - shift) * (-scale).Exp();
        }
        return theta;
    }
}
