using System;
using System.Diagnostics;
using Hybrid.Bench.Harness;
using Hybrid.Models.Systems.Imnn;
using Hybrid.Models.Training;
using TorchSharp;
using static TorchSharp.torch;

namespace Hybrid.Bench.Imnn;

/// <summary>
/// Iterations of a fit on fixed sets of 1000 simulations with validation: the same work as bench/peers/imnn_iteration.py.
/// </summary>
internal sealed class ImnnContender : IContender
{
    public const string Numerical = "imnn-numerical";
    public const string Tangent = "imnn-tangent";
    private const int Iterations = 30;
    private readonly InformationMaximiser _imnn;

    public ImnnContender(string form, Device? device = null)
    {
        manual_seed(0);
        var network = new DenseCompressor(device: device);
        var weights = DenseCompressor.Weights.Of(network);
        var compressor = new Compressor(network, (x, dx) => DenseCompressor.ForwardTangent(weights, x, dx));
        var optimiser = optim.Adam(network.parameters(), lr: 1e-3);
        var simulator = new GaussianSimulator(device: device);
        double[] theta = [0, 1], width = [0.2, 0.2];

        (Tensor X, Tensor Dx) Set(ulong seed)
        {
            using var generator = new Generator(seed);
            return simulator.Simulate(generator, theta, 1000);                      // (n, 10), (2, n, 10)
        }
        // Below and above, (n, 2, P, 10).
        static Tensor Pairs((Tensor X, Tensor Dx) set)
            => stack([(set.X - (set.Dx * 0.1)).transpose(0, 1), (set.X + (set.Dx * 0.1)).transpose(0, 1)], 1);
        var (training, validation) = (Set(1), Set(2));
        _imnn = form == Numerical
            ? new NumericalGradientImnn(compressor, optimiser, theta, width, training.X, Pairs(training), validation.X, Pairs(validation))
            : new GradientImnn(
                compressor, optimiser, theta, training.X, training.Dx.moveaxis([0L], [-1L]), validation.X,
                validation.Dx.moveaxis([0L], [-1L]));
        Description = Stepper.Describe("Hybrid", device);
    }

    public string Description { get; }

    public double RunBlock()
    {
        var start = Stopwatch.GetTimestamp();
        _imnn.Fit(new TrainingOptions { Epochs = Iterations, KeepBest = false, Seed = null });
        return Stopwatch.GetElapsedTime(start).TotalSeconds / Iterations;
    }

    public void Dispose()
    {
    }
}
