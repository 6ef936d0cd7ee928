using System.Collections.Generic;
using Hybrid.Bench.Harness;
using Hybrid.Models.Systems.EinsteinRadius;
using Hybrid.Models.Training.Optimisers;
using static TorchSharp.torch;

namespace Hybrid.Bench.EinsteinRadius;

/// <summary>A training step of the original's ResNet-10 on 64 lenses of 44×44 pixels in three bands.</summary>
internal sealed class RadiusStep : Benchmark
{
    public const string Served = "radius-step";
    public const int Batch = 64, Size = 44;

    public override string Name => "radius-step";

    public override string Description
        => "forward, backward and Adam step of ResNet10V2 (44×44×3, batch 64, squared errors) against PyTorch";

    public static IContender Ours()
    {
        manual_seed(0);
        var network = new EinsteinRadiusResNet10V2();
        var update = OptimiserStep.Of(optim.Adam(network.parameters(), 1e-3));
        var (images, targets) = (randn(Batch, 3, Size, Size), randn(Batch, 1));
        return new Stepper("Hybrid", 4, () =>
        {
            update.ClearGradients();
            RadiusLosses.Value(RadiusLoss.Mse, network.forward(images), targets).backward();
            update.Apply();
        });
    }

    public override IEnumerable<Measurement> Run(BenchOptions options)
    {
        using var ours = Serving.Best(Served, options.Threads);
        using var peer = PythonPeer.Best("radius_step.py", options.Threads);
        yield return Comparison.Run("ResNet10V2 step", ours, peer, options.Rounds, 1.2);
    }
}
