using Hybrid;

namespace Hybrid.Models.Systems.Imnn;

/// <summary>
/// Compresses a set of data whose order means nothing: ρ(√n · mean φ(d)) with φ 1 → width → width and ρ width → width → summaries. Zaheer
/// et al. 2017, "Deep sets", theorem 2. Whatever order the data come in, the summaries are the same, so that the network need not learn it,
/// and any number of data fits.
/// </summary>
/// <remarks>
/// The mean is taken times √n, since that is how fluctuations of a mean of n data shrink: those of the result do not depend on n. Softplus
/// for a network whose derivatives by the data have no kinks: derivatives of the summaries go through them. Weights start so wide that the
/// summaries' covariance is about the identity at once. From Glorot's narrow start it has to grow, by hundreds of iterations in which |F|
/// hardly moves; from a wide one φ bends too much to become the squares that the variance needs (docs/results.md).
/// </remarks>
[Network(Dims = "N:batch, data", Lock = true)]
[Derive(Variant.Functional, Variant.Tangent)]
public partial class ExchangeableCompressor
{
    [Spec]
    [return: Shape("N, summaries")]
    internal static Sym Forward([Shape("N, data")] Sym simulation, [Param] int width = 16, [Param] int summaries = 2)
    {
        var first = simulation.Unsqueeze(-1).Linear(width, weightInit: Init.Normal(0.5), biasInit: Init.Normal(0.2)).Softplus();
        var second = first.Linear(width, weightInit: Init.Normal(0.75), biasInit: Init.Normal(0.01)).Softplus();
        var set = (second.Sum(1) * second.Mean(1)).Sqrt(); // √n · mean: both factors are positive
        var third = set.Linear(width, weightInit: Init.Normal(0.75), biasInit: Init.Normal(0.01)).Softplus();
        var summary = third.Linear(summaries, weightInit: Init.Normal(1), biasInit: Init.Normal(0.01));
        return summary;
    }
}
