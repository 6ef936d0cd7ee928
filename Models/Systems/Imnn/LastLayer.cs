using TorchSharp;
using static TorchSharp.torch;

namespace Hybrid.Models.Systems.Imnn;

/// <summary>The linear layer x = W h + b that ends a compressor, and the program that gives what feeds it.</summary>
/// <param name="Features">Simulations (N, …) → h (N, H), tangents (P, N, …) → (P, N, H).</param>
/// <param name="Weight">W, (S, H): the network's own tensor.</param>
/// <param name="Bias">b, (S): the network's own tensor.</param>
public sealed record LastLayer(TangentProgram Features, Tensor Weight, Tensor Bias)
{
    /// <summary>
    /// The identity and zero in the place of W and b: with them the program of the whole network gives the features.
    /// </summary>
    internal static (Tensor Identity, Tensor Zero) Through(Tensor weight)
        => (eye(weight.size(1), dtype: weight.dtype, device: weight.device).DetachFromDisposeScope(),
            zeros(weight.size(1), weight.dtype, weight.device).DetachFromDisposeScope());
}
