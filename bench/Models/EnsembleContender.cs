using System;
using System.Diagnostics;
using Hybrid.Bench.Harness;
using Hybrid.Models.Training.Optimisers;
using TorchSharp;
using static TorchSharp.torch;

namespace Hybrid.Bench.Models;

/// <summary>Training steps of 25 networks in one batched program, each on its own batch: the same work as bench/peers/ensemble_step.py.</summary>
internal sealed class EnsembleContender : IContender
{
    public const string Served = "ensemble";
    public const int Members = 25;
    public const int Batch = 64;
    private const int Steps = 40;
    private readonly EnsembleNetwork.Ensemble _ensemble;
    private readonly OptimiserStep _update;
    private readonly Tensor _x;
    private readonly Tensor _label;
    private readonly Device? _device;

    public EnsembleContender(Device? device = null)
    {
        manual_seed(0);
        _ensemble = new EnsembleNetwork.Ensemble(Members, device);
        _update = OptimiserStep.Of(optim.Adam(_ensemble.parameters(), 1e-3));
        _x = randn(Members, Batch, EnsembleNetwork.Features, device: device);
        _label = randint(0, 2, [Members, Batch], dtype: ScalarType.Int64, device: device);
        _device = device;
        Description = device is { type: DeviceType.CUDA } ? $"Hybrid, {device}" : $"Hybrid, {get_num_threads()} threads";
    }

    public string Description { get; }

    public double RunBlock()
    {
        var start = Stopwatch.GetTimestamp();
        for (var i = 0; i < Steps; i++) Step();
        if (_device is { type: DeviceType.CUDA }) cuda.synchronize();
        return Stopwatch.GetElapsedTime(start).TotalSeconds / (Steps * Members);
    }

    private void Step()
    {
        using var scope = NewDisposeScope();
        _update.ClearGradients();
        EnsembleLoss.ValueEnsemble(_ensemble.forward(_x), _label).sum().backward();
        _update.Apply();
    }

    public void Dispose()
    {
        _update.Dispose();
        _ensemble.Dispose();
        _x.Dispose();
        _label.Dispose();
    }
}
