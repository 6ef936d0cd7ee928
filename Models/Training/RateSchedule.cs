using System;
using System.Collections.Generic;
using TorchSharp;
using static TorchSharp.torch;

namespace Hybrid.Models.Training;

/// <summary>
/// How a fit's learning rate changes. The optimiser's rates at the start are the largest ones (of <see cref="OneCycle"/>, too).
/// </summary>
public sealed class RateSchedule
{
    private readonly Func<optim.Optimizer, long?, optim.lr_scheduler.LRScheduler> _create;

    private readonly string _text;

    private RateSchedule(
        FormattableString text, bool eachStep, bool watches, Func<optim.Optimizer, long?, optim.lr_scheduler.LRScheduler> create)
        => (_text, IsEachStep, WatchesMetric, _create) = (FormattableString.Invariant(text), eachStep, watches, create);

    /// <summary>As options.json has it: <c>WarmUpCosine(warmUp: 0.05, leastFactor: 0)</c>.</summary>
    public override string ToString() => _text;

    /// <summary>Whether it changes after each step; else after each epoch.</summary>
    public bool IsEachStep { get; }

    /// <summary>Whether it follows the watched metric.</summary>
    public bool WatchesMetric { get; }

    /// <summary>
    /// Times <paramref name="factor"/> after more than <paramref name="patience"/> epochs without a better metric (of an ensemble: the mean
    /// over its members).
    /// </summary>
    /// <param name="factor">In (0, 1). 0.1 is PyTorch's.</param>
    /// <param name="patience">Epochs, ≥ 0. 10 is PyTorch's.</param>
    /// <param name="threshold">How much better counts, as a share of the best. 1e-4 is PyTorch's.</param>
    /// <param name="leastRate">No rate falls below it.</param>
    /// <param name="higherIsBetter">As <see cref="TrainingOptions.HigherIsBetter"/> says.</param>
    public static RateSchedule Plateau(
        double factor = 0.1, int patience = 10, double threshold = 1e-4, double leastRate = 0, bool higherIsBetter = false)
        => new(
            $"Plateau(factor: {factor}, patience: {patience}, threshold: {threshold}, leastRate: {leastRate})", false, true,
            (optimiser, _) => optim.lr_scheduler.ReduceLROnPlateau(
                optimiser, higherIsBetter ? "max" : "min", factor, patience, threshold, min_lr: [leastRate]));

    /// <summary>
    /// A linear rise during the first <paramref name="warmUp"/> of all steps, then half a cosine down to <paramref name="leastFactor"/> of
    /// the rate at the last step.
    /// </summary>
    /// <param name="warmUp">A share of all steps in [0, 1).</param>
    /// <param name="leastFactor">In [0, 1].</param>
    public static RateSchedule WarmUpCosine(double warmUp = 0.05, double leastFactor = 0)
    {
        if (warmUp is not (>= 0 and < 1))
            throw new ArgumentOutOfRangeException(
                nameof(warmUp), $"RateSchedule.WarmUpCosine: expected a share of the steps in [0, 1), got {warmUp}.");
        return new(
            $"WarmUpCosine(warmUp: {warmUp}, leastFactor: {leastFactor})", true, false,
            (optimiser, steps) => Schedules.WarmUpCosine(optimiser, (int)(warmUp * Total(steps)), Total(steps), leastFactor));
    }

    /// <summary>The same with a rise of so many steps.</summary>
    /// <param name="warmUpSteps">In [0, all steps).</param>
    /// <param name="leastFactor">In [0, 1].</param>
    public static RateSchedule WarmUpCosine(int warmUpSteps, double leastFactor = 0)
        => new(
            $"WarmUpCosine(warmUpSteps: {warmUpSteps}, leastFactor: {leastFactor})", true, false,
            (optimiser, steps) => Schedules.WarmUpCosine(optimiser, warmUpSteps, Total(steps), leastFactor));

    /// <summary>
    /// One cycle over all steps: up to <paramref name="largestRate"/>, down to almost nothing, momentum the other way (Smith and Topin
    /// 2018).
    /// </summary>
    /// <param name="largestRate">&gt; 0.</param>
    /// <param name="rise">Share of the steps that rise, in (0, 1). 0.3 is PyTorch's.</param>
    public static RateSchedule OneCycle(double largestRate, double rise = 0.3)
        => new(
            $"OneCycle(largestRate: {largestRate}, rise: {rise})", true, false,
            (optimiser, steps) => optim.lr_scheduler.OneCycleLR(optimiser, largestRate, total_steps: Total(steps), pct_start: rise));

    /// <summary>Any schedule of TorchSharp that is stepped after each step of the optimiser.</summary>
    public static RateSchedule EachStep(Func<optim.Optimizer, optim.lr_scheduler.LRScheduler> create)
        => new($"EachStep", true, false, (optimiser, _) => create(optimiser));

    /// <summary>Any schedule of TorchSharp that is stepped after each epoch.</summary>
    public static RateSchedule EachEpoch(Func<optim.Optimizer, optim.lr_scheduler.LRScheduler> create)
        => new($"EachEpoch", false, false, (optimiser, _) => create(optimiser));

    internal optim.lr_scheduler.LRScheduler Create(optim.Optimizer optimiser, long? totalSteps) => _create(optimiser, totalSteps);

    /// <summary>
    /// A schedule as it stood: TorchSharp's have no state that can be saved, but they are functions of their past, which is run through
    /// again. The optimiser's own state is put back afterwards.
    /// </summary>
    internal optim.lr_scheduler.LRScheduler Continue(optim.Optimizer optimiser, long? totalSteps, long steps, IEnumerable<double> metrics)
    {
        var schedule = _create(optimiser, totalSteps);
        if (IsEachStep)
        {
            for (var step = 0L; step < steps; step++) schedule.step();
        }
        else
        {
            foreach (var metric in metrics) Step(schedule, metric);
        }
        return schedule;
    }

    internal void Step(optim.lr_scheduler.LRScheduler schedule, double metric)
    {
        if (WatchesMetric) schedule.step(metric);
        else schedule.step();
    }

    private static int Total(long? steps) => steps is { } known
        ? checked((int)known)
        : throw new ArgumentException(
            "RateSchedule: this schedule needs the number of all steps, which the training batches do not tell. "
            + "Give their batchesPerEpoch, or TrainingOptions.MaxSteps.");
}
