using System;
using System.Collections.Generic;
using System.Linq;
using Hybrid.Data.Figures;
using TorchSharp;
using static TorchSharp.torch;

namespace Hybrid.Models.Training;

/// <summary>Losses of a short training in which the learning rate grows from step to step.</summary>
/// <param name="Rates">Learning rates, growing geometrically.</param>
/// <param name="Losses">The loss of each step, smoothed.</param>
/// <param name="Suggestion">The rate at which the loss falls most steeply; NaN where it never falls.</param>
public sealed record LearningRateCurve(IReadOnlyList<double> Rates, IReadOnlyList<double> Losses, double Suggestion)
{
    /// <summary>Loss against learning rate, the suggestion marked.</summary>
    public Figure Figure()
    {
        var lines = new List<ScatterSeries> { new("loss", Rates.Select(Math.Log10).ToArray(), Losses.ToArray()) };
        if (double.IsFinite(Suggestion))
        {
            var place = Enumerable.Range(0, Rates.Count).MinBy(i => Math.Abs(Math.Log(Rates[i] / Suggestion)));
            lines.Add(
                new ScatterSeries(FormattableString.Invariant($"suggestion {Suggestion:g2}"), [Math.Log10(Suggestion)], [Losses[place]]));
        }
        return new ScatterFigure().Build("Learning rates", "log₁₀ of the learning rate", "loss", lines.ToArray());
    }

    /// <summary>One line: the suggestion and the range that was tried.</summary>
    public override string ToString() => double.IsFinite(Suggestion)
        ? FormattableString.Invariant(
            $"learning rate {Suggestion:g2}, where the loss falls most steeply (tried {Rates[0]:g2} to {Rates[^1]:g2})")
        : FormattableString.Invariant($"no learning rate: the loss never falls (tried {Rates[0]:g2} to {Rates[^1]:g2})");
}

/// <summary>
/// Finds a learning rate by a range test (Smith 2017, section 3.3): a few hundred steps in which it grows geometrically, until the loss
/// explodes.
/// </summary>
public static class LearningRateFinder
{
    /// <summary>Runs the test. Network and optimiser are afterwards as they were.</summary>
    /// <param name="network">What is trained.</param>
    /// <param name="optimiser">Over its parameters, before its first step: its moments are not kept.</param>
    /// <param name="loss">The loss of a batch: a single number, or one for each member of an ensemble.</param>
    /// <param name="training">Batches; begun again when they are through.</param>
    /// <param name="least">First rate, &gt; 0.</param>
    /// <param name="largest">Last rate, larger than the first.</param>
    /// <param name="steps">Most steps, ≥ 10.</param>
    /// <param name="smoothing">Share of the past in the smoothed loss, in [0, 1).</param>
    /// <param name="seed">Of dropout and whatever else draws from torch's default generator.</param>
    /// <exception cref="ArgumentOutOfRangeException">A number is out of its range.</exception>
    /// <exception cref="ArgumentException">There are no batches.</exception>
    public static LearningRateCurve Find(
        nn.Module network,
        optim.Optimizer optimiser,
        Func<TensorBatch, Tensor> loss,
        IBatchSource training,
        double least = 1e-6,
        double largest = 1,
        int steps = 200,
        double smoothing = 0.9,
        long seed = 1)
    {
        ArgumentNullException.ThrowIfNull(network);
        ArgumentNullException.ThrowIfNull(optimiser);
        ArgumentNullException.ThrowIfNull(loss);
        ArgumentNullException.ThrowIfNull(training);
        Require(least > 0 && double.IsFinite(least), nameof(least), "a rate > 0", least);
        Require(largest > least && double.IsFinite(largest), nameof(largest), FormattableString.Invariant($"a rate > {least}"), largest);
        Require(steps >= 10, nameof(steps), "at least 10", steps);
        Require(smoothing is >= 0 and < 1, nameof(smoothing), "a share in [0, 1)", smoothing);
        var groups = optimiser.ParamGroups.ToArray();
        var before = groups.Select(group => group.LearningRate).ToArray();
        using var weights = new WeightSnapshot(network);
        using var state = get_rng_state();
        manual_seed(seed);
        try
        {
            var test = new RangeTest(SetRate, least, largest, steps, smoothing);
            Trainer.Fit(network, optimiser, loss, training, null, new TrainingOptions
            {
                Epochs = int.MaxValue, MaxSteps = steps, KeepBest = false, Seed = null, NonFinite = NonFiniteLoss.Skip, Callbacks = [test],
            });
            return Curve(test.Rates, test.Losses, smoothing);
        }
        finally
        {
            weights.PutBack();
            foreach (var (group, rate) in groups.Zip(before)) group.LearningRate = rate;
            set_rng_state(state);
        }

        void SetRate(double rate)
        {
            foreach (var group in groups) group.LearningRate = rate;
        }
    }

    /// <summary>Raises the rate after each step, and stops the fit where the loss explodes.</summary>
    private sealed class RangeTest : FitCallback
    {
        private readonly Action<double> _setRate;
        private readonly double _least, _largest, _smoothing;
        private readonly int _steps;
        private double _average, _best = double.PositiveInfinity;

        public RangeTest(Action<double> setRate, double least, double largest, int steps, double smoothing)
        {
            (_setRate, _least, _largest, _steps, _smoothing) = (setRate, least, largest, steps, smoothing);
            SetRate();
        }

        public List<double> Rates { get; } = [];

        public List<double> Losses { get; } = [];

        public override void OnStep(FitContext fit, double loss)
        {
            if (double.IsFinite(loss))
            {
                _average = (_smoothing * _average) + ((1 - _smoothing) * loss);
                var smooth = _average / (1 - Math.Pow(_smoothing, Rates.Count + 1)); // its start at 0 taken out
                Rates.Add(fit.LearningRate);
                Losses.Add(smooth);
                _best = Math.Min(_best, smooth);
                var explodes = Rates.Count > 10 && smooth > _best + (3 * Math.Abs(Losses[0] - _best)) + (3 * Math.Abs(_best));
                SetRate();
                if (!explodes) return;
            }
            fit.Stop();
        }

        private void SetRate() => _setRate(_least * Math.Pow(_largest / _least, Rates.Count / (_steps - 1.0)));
    }

    // The steepest fall over ln(rate), by differences over a twentieth of the steps; the first ones, whose smoothed loss still follows
    // single batches, aside.
    private static LearningRateCurve Curve(List<double> rates, List<double> losses, double smoothing)
    {
        var reach = Math.Max(1, losses.Count / 20);
        var first = Math.Max(reach, Math.Min(losses.Count / 4, (int)(2 / (1 - smoothing))));
        var slopes = Enumerable.Range(first, Math.Max(0, losses.Count - first - reach)).Select(
            i => (Place: i, Slope: losses[i + reach] - losses[i - reach])).ToList();
        var steepest = slopes.Count == 0 ? (Place: 0, Slope: 0.0) : slopes.MinBy(at => at.Slope);
        return new LearningRateCurve(rates, losses, steepest.Slope < 0 ? rates[steepest.Place] : double.NaN);
    }

    private static void Require(bool holds, string name, string expected, double value)
    {
        if (!holds)
            throw new ArgumentOutOfRangeException(
                name, FormattableString.Invariant($"LearningRateFinder.Find: expected {name} to be {expected}, got {value}."));
    }
}
