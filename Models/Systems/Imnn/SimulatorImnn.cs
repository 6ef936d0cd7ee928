using System;
using System.Collections.Generic;
using System.IO;
using Hybrid.Models.Engine;
using Hybrid.Models.Training;
using TorchSharp;
using static TorchSharp.torch;

namespace Hybrid.Models.Systems.Imnn;

/// <summary>Trains on new simulations in every iteration, so that no network can learn them by heart.</summary>
public sealed class SimulatorImnn : InformationMaximiser
{
    private const string GeneratorKey = "simulator.generator";
    private readonly TangentProgram _tangent;
    private readonly IDifferentiableSimulator _simulator;
    private readonly Generator _generator;
    private readonly Func<int, int> _simulations;
    private readonly int _unseen;
    private readonly ulong _seed;

    /// <param name="compressor">Network with its tangent program.</param>
    /// <param name="optimiser">Over the network's parameters.</param>
    /// <param name="fiducial">θ_fid, (P).</param>
    /// <param name="simulator">Makes simulations with derivatives.</param>
    /// <param name="simulations">n_s = n_d of an iteration.</param>
    /// <param name="seed">Of all simulations this object makes.</param>
    public SimulatorImnn(
        Compressor compressor,
        optim.Optimizer optimiser,
        double[] fiducial,
        IDifferentiableSimulator simulator,
        int simulations,
        ulong seed)
        : this(compressor, optimiser, fiducial, simulator, _ => simulations, simulations, seed)
    {
    }

    /// <param name="compressor">Network with its tangent program.</param>
    /// <param name="optimiser">Over the network's parameters.</param>
    /// <param name="fiducial">θ_fid, (P).</param>
    /// <param name="simulator">Makes simulations with derivatives.</param>
    /// <param name="simulations">n_s = n_d of an iteration, by its number from 0: a batch that grows lets early iterations be cheap and
    /// late ones exact.</param>
    /// <param name="unseen">Simulations for <see cref="InformationMaximiser.Statistics"/>; always the same ones, which training never
    /// sees.</param>
    /// <param name="seed">Of all simulations this object makes.</param>
    /// <exception cref="ArgumentException">A count, or the network's or simulator's shape, is wrong.</exception>
    public SimulatorImnn(
        Compressor compressor,
        optim.Optimizer optimiser,
        double[] fiducial,
        IDifferentiableSimulator simulator,
        Func<int,
        int> simulations,
        int unseen,
        ulong seed)
        : base(compressor, optimiser, fiducial, simulator.Shape)
    {
        _tangent = compressor.RequireTangent(nameof(SimulatorImnn));
        _simulator = simulator;
        _simulations = simulations;
        _unseen = unseen;
        _seed = seed;
        _generator = new Generator(seed);
        using var scope = NewDisposeScope();
        using var probe = new Generator(seed);
        var (data, derivative) = simulator.Simulate(probe, fiducial, 2);
        CheckData(
            nameof(SimulatorImnn), "the simulator's data", data, ShapeText.Of([2, .. InputShape]),
            data.shape.AsSpan().SequenceEqual([2, .. InputShape]));
        CheckData(
            nameof(SimulatorImnn), "the simulator's derivative", derivative,
            ShapeText.Of([Parameters, 2, .. InputShape]) + ": parameter, simulation, datum",
            derivative.shape.AsSpan().SequenceEqual([Parameters, 2, .. InputShape]));
        var summaries = CountSummaries(nameof(SimulatorImnn), compressor, data);
        CheckCount(nameof(SimulatorImnn), "training", simulations(0), summaries);
        CheckCount(nameof(SimulatorImnn), "unseen", unseen, summaries);
    }

    private protected override bool HasValidation => false;

    private protected override IBatchSource Simulations
        => BatchSource.Stream(iteration => Simulate(_generator, _simulations((int)iteration)), 1);

    private protected override (Tensor, Tensor) Validate()
    {
        using var generator = new Generator(Seeds.Derive(_seed, "unseen"));
        return Summarise(Simulate(generator, _unseen));
    }

    /// <inheritdoc/>
    public override IReadOnlyDictionary<string, Tensor> State()
        => new Dictionary<string, Tensor>(base.State()) { [GeneratorKey] = _generator.get_state() };

    /// <inheritdoc/>
    public override void Restore(string path, IReadOnlyDictionary<string, Tensor> state)
    {
        base.Restore(path, state);
        if (!state.TryGetValue(GeneratorKey, out var generator))
            throw new InvalidDataException(
                $"{path}: has no state of a simulator; it was saved from fixed data sets. Load it into the form that wrote it.");
        using var own = _generator.get_state();
        if (generator.dtype != own.dtype || !generator.shape.AsSpan().SequenceEqual(own.shape))
            throw new InvalidDataException(
                $"{path}: the simulator's state is {ShapeText.Of(generator)} of {generator.dtype}, "
                + $"expected {ShapeText.Of(own)} of {own.dtype}.");
        _generator.set_state(generator);
    }

    private TensorBatch Simulate(Generator generator, int count)
    {
        using var _ = no_grad();
        var (data, derivative) = _simulator.Simulate(generator, Fiducial.ToArray(), count);
        return new TensorBatch(count, ("simulations", data), ("tangents", derivative));
    }

    private protected override (Tensor, Tensor) Summarise(TensorBatch batch)
    {
        var (summaries, tangents) = _tangent(batch["simulations"], batch["tangents"]);
        return (summaries.to(ScalarType.Float64), tangents.to(ScalarType.Float64).mean([1L]));
    }
}
