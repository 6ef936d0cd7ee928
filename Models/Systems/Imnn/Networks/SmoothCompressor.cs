using Hybrid;

namespace Hybrid.Models.Systems.Imnn;

/// <summary>
/// <see cref="DenseCompressor"/> with softplus in place of LeakyReLU: three hidden layers that know nothing of the data's symmetry, and no
/// kinks in the derivatives that an IMNN takes of its summaries.
/// </summary>
[Network(Dims = "N:batch", Lock = true)]
[Derive(Variant.Functional, Variant.Tangent)]
public partial class SmoothCompressor
{
    [Spec]
    [return: Shape("N, summaries")]
    internal static Sym Forward(
        [Shape("N, data")] Sym simulation, [Param] int data = 10, [Param] int hidden = 128, [Param] int summaries = 2)
    {
        var first = simulation.Linear(hidden, weightInit: Init.GlorotNormal, biasInit: Init.Normal(0.01)).Softplus();
        var second = first.Linear(hidden, weightInit: Init.GlorotNormal, biasInit: Init.Normal(0.01)).Softplus();
        var third = second.Linear(hidden, weightInit: Init.GlorotNormal, biasInit: Init.Normal(0.01)).Softplus();
        var summary = third.Linear(summaries, weightInit: Init.GlorotNormal, biasInit: Init.Normal(0.01));
        return summary;
    }
}
