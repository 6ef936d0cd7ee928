using System.Collections.Generic;
using Hybrid.Bench.Harness;
using Hybrid.Bench.ByHand;
using Hybrid.Models.Training.Optimisers;
using static TorchSharp.torch;

namespace Hybrid.Bench.Models;

/// <summary>A training step of a small network, where the cost of calls counts as much as arithmetic.</summary>
internal sealed class MlpStep : Benchmark
{
    public const string Served = "mlp", ByHand = "mlp-torchsharp";

    public override string Name => "mlp-step";

    public override string Description
        => "forward, backward and Adam step of a 52-152-80-72-48-2 MLP (BatchNorm, ReLU, Dropout, batch 64) "
            + "against PyTorch and TorchSharp by hand";

    /// <summary>The network of the ensemble bench, alone.</summary>
    public static IContender Ours()
    {
        manual_seed(0);
        var network = new EnsembleNetwork();
        var update = OptimiserStep.Of(optim.Adam(network.parameters(), 1e-3));
        var (x, target) = (randn(64, EnsembleNetwork.Features), randn(64, 2));
        return new Stepper("Hybrid", 200, () =>
        {
            update.ClearGradients();
            SquareLoss.Value(network.forward(x), target).backward();
            update.Apply();
        });
    }

    public override IEnumerable<Measurement> Run(BenchOptions options)
    {
        using var ours = Serving.Best(Served, options.Threads);
        using (var peer = PythonPeer.Best("mlp_step.py", options.Threads))
            yield return Comparison.Run("MLP step", ours, peer, options.Rounds, 1.8);
        using (var peer = Serving.Best(ByHand, options.Threads)) yield return Comparison.Run("MLP step", ours, peer, options.Rounds, 2);
    }
}

/// <summary>Mean squared difference.</summary>
[Loss(Dims = "B")]
public partial class SquareLoss
{
    [Spec]
    internal static Sym Value([Shape("B, 2")] Sym prediction, [Shape("B, 2")] Sym target) => prediction.Mse(target);
}
