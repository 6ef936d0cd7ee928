using System;
using System.Collections.Generic;
using System.Linq;
using TorchSharp;
using static TorchSharp.torch;

namespace Hybrid.Models.Training;

/// <summary>
/// A moving average of a module's weights: after each update a ← d·a + (1 − d)·w (Polyak and Juditsky 1992). Evaluate
/// with <see cref="Use"/>, which lends the averages to the module and puts the trained weights back.
/// Floating-point buffers (running statistics) are averaged too; integer buffers are copied.
/// </summary>
public sealed class ExponentialMovingAverage : IDisposable
{
    private readonly nn.Module _module;
    private readonly Dictionary<string, Tensor> _averages = new();
    private bool _inUse;

    /// <param name="module">The trained module. Moving it to another dtype or device replaces its weights: average it afterwards.</param>
    /// <param name="decay">d, in [0, 1).</param>
    /// <param name="warmUp">Whether update n uses min(d, (1 + n)/(10 + n)), so that the first weights are soon forgotten (TensorFlow's
    /// rule).</param>
    public ExponentialMovingAverage(nn.Module module, double decay = 0.999, bool warmUp = false)
    {
        if (decay is not (>= 0 and < 1))
            throw new ArgumentOutOfRangeException(nameof(decay), $"ExponentialMovingAverage: expected decay in [0, 1), got {decay}.");
        (_module, Decay, WarmUp) = (module, decay, warmUp);
        using var _ = no_grad();
        foreach (var (key, weight) in module.state_dict()) _averages.Add(key, weight.clone().DetachFromDisposeScope());
    }

    public double Decay { get; }

    public bool WarmUp { get; }

    /// <summary>Updates so far.</summary>
    public long Updates { get; private set; }

    /// <summary>The averages by checkpoint key; this object's own tensors, not copies.</summary>
    public IReadOnlyDictionary<string, Tensor> Weights => _averages;

    /// <summary>Takes the module's present weights into the averages. Call it after the optimiser's step.</summary>
    /// <exception cref="InvalidOperationException">The averages are lent to the module, or its keys have changed.</exception>
    public void Update()
    {
        if (_inUse)
            throw new InvalidOperationException(
                "ExponentialMovingAverage.Update: the averages are in use as the module's weights; dispose what Use() returned first.");
        Updates++;
        var decay = WarmUp ? Math.Min(Decay, (1.0 + Updates) / (10.0 + Updates)) : Decay;
        using var _ = no_grad();
        using var scope = NewDisposeScope();
        foreach (var (key, average, weight) in Pairs()) Blend(average, weight, decay);
    }

    /// <summary>
    /// One update of a network whose weights are another one's averages, of the same keys: a teacher of its student.
    /// </summary>
    /// <param name="average">a, changed.</param>
    /// <param name="module">w.</param>
    /// <param name="decay">d, in [0, 1).</param>
    public static void Blend(nn.Module average, nn.Module module, double decay)
    {
        ArgumentNullException.ThrowIfNull(average);
        ArgumentNullException.ThrowIfNull(module);
        if (decay is not (>= 0 and < 1))
            throw new ArgumentOutOfRangeException(nameof(decay), $"ExponentialMovingAverage.Blend: expected decay in [0, 1), got {decay}.");
        using var _ = no_grad();
        using var scope = NewDisposeScope();
        var weights = module.state_dict();
        foreach (var (key, value) in average.state_dict())
        {
            Blend(
                value,
                weights.TryGetValue(key, out var weight)
                    ? weight
                    : throw new ArgumentException($"ExponentialMovingAverage.Blend: the module has no '{key}'.", nameof(module)),
                decay);
        }
    }

    private static void Blend(Tensor average, Tensor weight, double decay)
    {
        if (is_floating_point(average)) average.mul_(decay).add_(weight, alpha: 1 - decay);
        else average.copy_(weight);
    }

    /// <summary>
    /// Makes the averages the module's weights until the returned object is disposed; then the trained weights are back, bit for bit.
    /// </summary>
    public IDisposable Use()
    {
        if (_inUse)
            throw new InvalidOperationException(
                "ExponentialMovingAverage.Use: the averages are in use already; dispose what the first call returned.");
        using var _ = no_grad();
        var trained = _module.state_dict().ToDictionary(pair => pair.Key, pair => pair.Value.clone().DetachFromDisposeScope());
        CopyToModule(_averages);
        _inUse = true;
        return new Loan(this, trained);
    }

    /// <summary>Copies the averages into the module for good.</summary>
    public void CopyToModule() => CopyToModule(_averages);

    /// <summary>Continues an earlier average.</summary>
    /// <param name="weights">What <see cref="Weights"/> were, by the same keys.</param>
    /// <param name="updates">How many updates they had seen.</param>
    public void Restore(IReadOnlyDictionary<string, Tensor> weights, long updates)
    {
        using var _ = no_grad();
        foreach (var (key, average) in _averages)
        {
            if (!weights.TryGetValue(key, out var weight))
                throw new ArgumentException($"ExponentialMovingAverage.Restore: no average for '{key}'.", nameof(weights));
            average.copy_(weight);
        }
        Updates = updates;
    }

    public void Dispose()
    {
        foreach (var average in _averages.Values) average.Dispose();
    }

    private IEnumerable<(string Key, Tensor Average, Tensor Weight)> Pairs()
    {
        var state = _module.state_dict();
        foreach (var (key, average) in _averages)
        {
            yield return state.TryGetValue(key, out var weight)
                ? (key, average, weight)
                : throw new InvalidOperationException($"ExponentialMovingAverage: the module no longer has '{key}'.");
        }
    }

    private void CopyToModule(IReadOnlyDictionary<string, Tensor> source)
    {
        using var _ = no_grad();
        foreach (var (key, _, weight) in Pairs()) weight.copy_(source[key]);
    }

    private sealed class Loan(ExponentialMovingAverage owner, Dictionary<string, Tensor> trained) : IDisposable
    {
        private bool _returned;

        public void Dispose()
        {
            if (_returned) return;
            _returned = true;
            owner.CopyToModule(trained);
            owner._inUse = false;
            foreach (var weight in trained.Values) weight.Dispose();
        }
    }
}
