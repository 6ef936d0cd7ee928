using System;
using System.Collections.Generic;
using System.Globalization;
using System.Linq;
using Hybrid.Bench.Harness;
using Hybrid.Models.Adaptation;
using Hybrid.Models.Systems.EinsteinRadius;
using static TorchSharp.torch;

namespace Hybrid.Bench.EinsteinRadius;

/// <summary>
/// 50 draws of a Bayesian ResNet10V2's answer: as <see cref="BayesianEstimator"/> makes them, many draws a pass, against a loop that draws
/// all weights for each.
/// </summary>
internal sealed class RadiusDraws : Benchmark
{
    public const string Batched = "radius-draws", Loop = "radius-draws-loop";
    private const int Draws = 50;
    private const string ImagesOf = "HYBRID_BENCH_IMAGES";

    public override string Name => "radius-draws";

    public override string Description => $"{Draws} Monte-Carlo draws of a Bayesian ResNet10V2 as one program against a loop over draws";

    private static int Images
        => int.Parse(
            Environment.GetEnvironmentVariable(ImagesOf) ?? throw new InvalidOperationException($"bench: expected {ImagesOf} to be set"),
            CultureInfo.InvariantCulture);

    public static IContender OfBatched()
    {
        var (network, image) = Start();
        var estimator = new BayesianEstimator(network, Draws);
        return new Stepper("Hybrid, one program", 2, () =>
        {
            using var _ = no_grad();
            estimator.Draws(image);
        });
    }

    public static IContender OfLoop()
    {
        var (network, image) = Start();
        network.Module.eval();
        return new Stepper("a loop over draws", 2, () =>
        {
            using var _ = no_grad();
            stack(Enumerable.Range(0, Draws).Select(
                draw => network.Module.forward(ImageAugmentation.Turned(image, draw % ImageAugmentation.Turns))));
        });
    }

    private static (BayesianRadius Network, Tensor Image) Start()
    {
        manual_seed(0);
        var network = RadiusNetwork.Named("resnet10v2");
        using var trained = network.Make(CPU);
        return (network.Bayesian(trained, FlipoutLayers.All, 0.02), randn(Images, 3, RadiusStep.Size, RadiusStep.Size));
    }

    /// <summary>
    /// The ratio is asked of a single lens, where a loop draws the weights 50 times for little; of many lenses convolutions are most of the
    /// work, and there are as many of them either way.
    /// </summary>
    public override IEnumerable<Measurement> Run(BenchOptions options)
    {
        foreach (var (images, target) in new[] { (1, 3.0), (8, double.NaN), (32, double.NaN) })
        {
            var count = images.ToString(CultureInfo.InvariantCulture);
            using var ours = Serving.Best(Batched, options.Threads, (ImagesOf, count));
            using var peer = Serving.Best(Loop, options.Threads, (ImagesOf, count));
            yield return Comparison.Run($"{Draws} draws of {images} lens{(images == 1 ? "" : "es")}", ours, peer, options.Rounds, target);
        }
    }
}
