using Hybrid;

namespace Hybrid.Models.Systems.Imnn;

/// <summary>
/// Compresses a simulation to a few summaries with three hidden layers: the network of the IMNN's worked problem
/// (Charnock, Lavaux and Wandelt 2018, section IV A; the slope and the initialisation are the JAX package's).
/// </summary>
/// <remarks>
/// Glorot-normal weights and small normal biases matter: with PyTorch's default the first Fisher information is about
/// 10⁻² and the fit gives up before it starts.
/// </remarks>
[Network(Dims = "N:batch", Lock = true)]
[Derive(Variant.Functional, Variant.Tangent)]
public partial class DenseCompressor
{
    [Spec]
    [return: Shape("N, summaries")]
    internal static Sym Forward(
        [Shape("N, data")] Sym simulation, [Param] int data = 10, [Param] int hidden = 128, [Param] int summaries = 2)
    {
        var first = simulation.Linear(hidden, weightInit: Init.GlorotNormal, biasInit: Init.Normal(0.01)).LeakyRelu(0.01);
        var second = first.Linear(hidden, weightInit: Init.GlorotNormal, biasInit: Init.Normal(0.01)).LeakyRelu(0.01);
        var third = second.Linear(hidden, weightInit: Init.GlorotNormal, biasInit: Init.Normal(0.01)).LeakyRelu(0.01);
        var summary = third.Linear(summaries, weightInit: Init.GlorotNormal, biasInit: Init.Normal(0.01));
        return summary;
    }
}
