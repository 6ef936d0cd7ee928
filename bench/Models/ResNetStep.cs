using System.Collections.Generic;
using Hybrid.Bench.Harness;
using Hybrid.Bench.ByHand;
using Hybrid.Models.Training.Optimisers;
using static TorchSharp.torch;

namespace Hybrid.Bench.Models;

/// <summary>A training step of ResNet-10 on 64 images of 64×64×3, where convolutions are what counts.</summary>
internal sealed class ResNetStep : Benchmark
{
    public const string Served = "resnet", ByHand = "resnet-torchsharp";
    public const int Classes = 10;

    public override string Name => "resnet-step";

    public override string Description
        => "forward, backward and Adam step of a ResNet-10 (64×64×3, batch 64) against PyTorch and TorchSharp by hand";

    public static (Tensor Images, Tensor Labels) Batch(Device? device = null)
        => (randn(64, 3, 64, 64, device: device), randint(0, Classes, [64], dtype: ScalarType.Int64, device: device));

    public static IContender Ours(Device? device = null)
    {
        manual_seed(0);
        var network = new ResNet10(device);
        var update = OptimiserStep.Of(optim.Adam(network.parameters(), 1e-3));
        var (images, labels) = Batch(device);
        return new Stepper("Hybrid", 2, () =>
        {
            update.ClearGradients();
            ClassLoss.Value(network.forward(images), labels).backward();
            update.Apply();
        }, device: device);
    }

    public override IEnumerable<Measurement> Run(BenchOptions options)
    {
        using var ours = Serving.Best(Served, options.Threads);
        using (var peer = PythonPeer.Best("resnet_step.py", options.Threads))
            yield return Comparison.Run("ResNet-10 step", ours, peer, options.Rounds, 1.2);
        using (var peer = Serving.Best(ByHand, options.Threads))
            yield return Comparison.Run("ResNet-10 step", ours, peer, options.Rounds, 1.2);
    }
}
