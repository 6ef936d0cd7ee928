using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.Linq;
using Hybrid.Models.Engine;
using Hybrid.Models.Training.Optimisers;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Hybrid.Models.Training;

/// <summary>A step as an algorithm sees it: losses are minimised and numbers measured through it.</summary>
public sealed class TrainingStep : IDisposable
{
    private readonly TrainingOptions _options;
    private readonly FitContext _context;
    private readonly FitState _state;
    private readonly ExponentialMovingAverage? _average;
    private readonly Trained[] _trained;
    private readonly Action _beforeUpdate;
    private readonly Stopwatch _backward = new(), _update = new();
    private readonly Dictionary<string, double> _measured = [];
    private TensorBatch _batch = null!;
    private double[]? _loss;
    private int _inGroup;
    private double _groupRows;
    private bool _isSkipped, _isBegun;

    internal TrainingStep(
        TrainingAlgorithm algorithm,
        TrainingOptions options,
        FitContext context,
        FitState state,
        ExponentialMovingAverage? average,
        Action beforeUpdate)
    {
        (_options, _context, _state, _average, _beforeUpdate) = (options, context, state, average, beforeUpdate);
        _trained = algorithm.Optimisers
            .Select(optimiser => new Trained(OptimiserStep.Of(optimiser), optimiser.parameters().ToArray())).ToArray();
    }

    /// <summary>The fit: network, options, epoch, step.</summary>
    public FitContext Fit => _context;

    internal TimeSpan BackwardTime => _backward.Elapsed;

    internal TimeSpan UpdateTime => _update.Elapsed;

    /// <summary>What the running step measured, by name.</summary>
    internal IReadOnlyDictionary<string, double> Measured => _measured;

    /// <summary>
    /// Differentiates a loss and updates an optimiser's parameters (after several batches where
    /// <see cref="TrainingOptions.AccumulateBatches"/> says so), with the options' clipping, averages and callbacks. With several
    /// optimisers a loss reaches the parameters of its own one only.
    /// </summary>
    /// <param name="loss">A single number, or for an ensemble one for each member (M), whose sum is differentiated. The epoch's training
    /// loss is the sum over a step's calls.</param>
    /// <param name="name">Of its metric in the history, where a step has several losses.</param>
    /// <param name="optimiser">Its place in <see cref="TrainingAlgorithm.Optimisers"/>.</param>
    /// <param name="keepGraph">Whether a later loss of this step is differentiated through the same graph.</param>
    /// <exception cref="InvalidOperationException">The loss or a gradient is not finite.</exception>
    /// <exception cref="ArgumentException">The loss depends on no weight, or is neither a number nor one for each member.</exception>
    public void Minimise(Tensor loss, string? name = null, int optimiser = 0, bool keepGraph = false)
    {
        ArgumentNullException.ThrowIfNull(loss);
        if (optimiser < 0 || optimiser >= _trained.Length)
            throw new ArgumentOutOfRangeException(
                nameof(optimiser), $"TrainingStep.Minimise: expected an optimiser in 0 … {_trained.Length - 1}, got {optimiser}.");
        var values = Values(loss, "the loss");
        if (!loss.requires_grad)
            throw new ArgumentException(
                "Trainer.Fit: the loss depends on no weight that is trained: "
                + "expected a tensor that the network's forward made, with gradients.",
                nameof(loss));
        if (_state.LossSums.Length == 0)
            (_state.LossSums, _state.Best, _state.BestEpochs) = (
                new double[values.Length], Enumerable.Repeat(double.NaN, values.Length).ToArray(), new int[values.Length]);
        if (values.Length != _state.LossSums.Length)
            throw new ArgumentException(
                $"Trainer.Fit: expected a loss of {Plural.Of(_state.LossSums.Length, "member")} as in the steps before, "
                + $"got {values.Length}.",
                nameof(loss));
        if (!_isBegun)
        {
            _isBegun = true;
            _beforeUpdate();
        }
        if (name is not null) Measure(name, values.Average());
        _loss = _loss is null ? values : _loss.Zip(values, (a, b) => a + b).ToArray();
        if (!values.All(double.IsFinite))
        {
            Skip("loss", values);
            return;
        }

        var trained = _trained[optimiser];
        using var outside = _options.Autocast ? Autocast.Suspend(loss.device) : null;
        _backward.Start();
        if (!trained.IsPending) trained.Step.ClearGradients();
        var sum = loss.dim() == 0 ? loss : loss.sum();
        if (_options.AccumulateBatches > 1) sum = sum * _batch.Rows; // Update divides by the rows of all
        if (_trained.Length == 1) sum.backward(retain_graph: keepGraph);
        else autograd.backward([sum], retain_graph: keepGraph, inputs: trained.Parameters);
        trained.IsPending = true;
        _backward.Stop();
        if (_inGroup == _options.AccumulateBatches) Update(trained, values.Length);
    }

    /// <summary>A number of this step for the history: an epoch's is the mean over its steps, by their rows.</summary>
    public void Measure(string name, double value)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        if (name is "loss" or "trainingLoss" or "validationLoss")
            throw new ArgumentException(
                $"TrainingStep.Measure: '{name}' is the loss's own name; call the metric something else.", nameof(name));
        _measured[name] = value;
    }

    /// <summary>Begins a batch; the first of a group clears what the group before left.</summary>
    internal void Begin(TensorBatch batch)
    {
        if (_inGroup == _options.AccumulateBatches) (_inGroup, _groupRows) = (0, 0);
        _inGroup++;
        _groupRows += batch.Rows;
        (_batch, _loss, _isSkipped, _isBegun) = (batch, null, false, false);
        _measured.Clear();
    }

    /// <summary>Whether gradients wait for more batches.</summary>
    internal bool IsPending => _inGroup > 0 && _inGroup < _options.AccumulateBatches;

    /// <summary>Adds the batch's losses to the epoch's.</summary>
    /// <returns>The mean over members.</returns>
    internal double End(string algorithm)
    {
        if (_loss is null)
            throw new ArgumentException($"{algorithm}: a step minimised no loss. Call TrainingStep.Minimise in TrainingAlgorithm.Step.");
        if (_inGroup == _options.AccumulateBatches) UpdatePending(); // a group whose last batch was left out
        if (!_isSkipped)
        {
            for (var member = 0; member < _loss.Length; member++) _state.LossSums[member] += _loss[member] * _batch.Rows;
            _state.Rows += _batch.Rows;
            foreach (var (name, value) in _measured)
            {
                var mean = _state.MetricMeans.GetValueOrDefault(name);
                _state.MetricMeans[name] = mean + ((value - mean) * (_batch.Rows / _state.Rows)); // exact for a single step
            }
            _state.SkippedInARow = 0;
        }
        return _loss.Average();
    }

    /// <summary>Updates with the gradients of a group that the epoch's end cut short.</summary>
    internal void Flush()
    {
        UpdatePending();
        (_inGroup, _groupRows) = (0, 0);
    }

    internal void ClearGradients()
    {
        foreach (var trained in _trained) trained.Step.ClearGradients();
    }

    /// <summary>Frees what it holds besides the optimisers.</summary>
    public void Dispose()
    {
        foreach (var trained in _trained) trained.Step.Dispose();
    }

    private void UpdatePending()
    {
        foreach (var trained in _trained)
        {
            if (trained.IsPending) Update(trained, _state.LossSums.Length);
        }
    }

    private void Update(Trained trained, int members)
    {
        trained.IsPending = false;
        _backward.Start();
        if (_options.AccumulateBatches > 1)
        {
            using var scope = NewDisposeScope();
            using var _ = no_grad();
            foreach (var parameter in trained.Parameters) parameter.grad?.div_(_groupRows);
        }
        var norm = GradientClipping.Clip(trained.Parameters, members, _options.ClipValue, _options.ClipNorm);
        _backward.Stop();
        if (norm is { } size)
        {
            if (!double.IsFinite(size))
            {
                Skip("gradient", [size]);
                return;
            }
            _state.LargestGradient = Math.Max(_state.LargestGradient, size);
        }
        foreach (var callback in _options.Callbacks) callback.OnGradients(_context);
        _update.Start();
        trained.Step.Apply();
        _average?.Update();
        _update.Stop();
    }

    private void Skip(string what, double[] values)
    {
        if (_options.NonFinite == NonFiniteLoss.Stop || ++_state.SkippedInARow >= MostSkippedInARow)
            throw NonFinite.Failure(what, values, _context, _batch, _context.LearningRate);
        if (_isSkipped) return;
        _isSkipped = true;
        _state.SkippedSteps++;
        if (what == "loss") _groupRows -= _batch.Rows;
    }

    private const int MostSkippedInARow = 100;

    internal static double[] Values(Tensor value, string what)
    {
        if (value.dim() > 1)
            throw new ArgumentException(
                $"Trainer.Fit: expected {what} as a single number, or for an ensemble as one for each member, "
                + $"got shape {ShapeText.Of(value)}. Take its mean.");
        return value.detach().to(ScalarType.Float64).cpu().reshape(-1).data<double>().ToArray();
    }

    private sealed class Trained(OptimiserStep step, Parameter[] parameters)
    {
        public OptimiserStep Step => step;

        public Parameter[] Parameters => parameters;

        public bool IsPending { get; set; }
    }
}
