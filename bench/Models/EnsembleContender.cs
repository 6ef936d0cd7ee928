using Hybrid.Bench.Harness;
using Hybrid.Models.Training.Optimisers;
using static TorchSharp.torch;

namespace Hybrid.Bench.Models;

/// <summary>
/// Training steps of 25 networks in one batched program, each on its own batch: the same work as bench/peers/ensemble_step.py.
/// </summary>
internal static class EnsembleContender
{
    public const string Served = "ensemble";
    public const int Members = 25;
    public const int Batch = 64;

    public static IContender Ours(Device? device = null)
    {
        manual_seed(0);
        var ensemble = new EnsembleNetwork.Ensemble(Members, device);
        var update = OptimiserStep.Of(optim.Adam(ensemble.parameters(), 1e-3));
        var (x, label) = Batches(device);
        return new Stepper("Hybrid", 40, () =>
        {
            update.ClearGradients();
            EnsembleLoss.ValueEnsemble(ensemble.forward(x), label).sum().backward();
            update.Apply();
        }, of: Members, device: device);
    }

    /// <summary>A batch of each member's own: (M, B, 52), and classes (M, B).</summary>
    public static (Tensor X, Tensor Label) Batches(Device? device = null)
        => (
            randn(Members, Batch, EnsembleNetwork.Features, device: device),
            randint(0, 2, [Members, Batch], dtype: ScalarType.Int64, device: device));
}
