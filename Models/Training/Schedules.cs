using System;
using TorchSharp;
using static TorchSharp.torch;

namespace Hybrid.Models.Training;

/// <summary>Learning-rate schedules beyond TorchSharp's list. Step them after each optimiser step.</summary>
public static class Schedules
{
    /// <summary>
    /// A linear rise from nothing in the first <paramref name="warmUpSteps"/>, then half a cosine down to
    /// <paramref name="leastFactor"/> of the rate at <paramref name="totalSteps"/>, and no change after that.
    /// </summary>
    /// <param name="optimizer">Its present rates are the largest ones.</param>
    /// <param name="warmUpSteps">In [0, totalSteps). The first step has 1/(warmUpSteps + 1) of the rate.</param>
    /// <param name="totalSteps">Steps until the end of the cosine.</param>
    /// <param name="leastFactor">In [0, 1].</param>
    public static optim.lr_scheduler.LRScheduler WarmUpCosine(
        optim.Optimizer optimizer, int warmUpSteps, int totalSteps, double leastFactor = 0)
    {
        if (warmUpSteps < 0 || warmUpSteps >= totalSteps)
            throw new ArgumentOutOfRangeException(
                nameof(warmUpSteps), $"WarmUpCosine: expected warmUpSteps in [0, {totalSteps}), got {warmUpSteps}.");
        if (leastFactor is not (>= 0 and <= 1))
            throw new ArgumentOutOfRangeException(nameof(leastFactor), $"WarmUpCosine: expected leastFactor in [0, 1], got {leastFactor}.");
        return optim.lr_scheduler.LambdaLR(optimizer, step => WarmUpCosineFactor(step, warmUpSteps, totalSteps, leastFactor));
    }

    internal static double WarmUpCosineFactor(int step, int warmUpSteps, int totalSteps, double leastFactor)
    {
        if (step < warmUpSteps) return (step + 1.0) / (warmUpSteps + 1.0);
        var progress = Math.Min(1.0, (double)(step - warmUpSteps) / (totalSteps - warmUpSteps));
        return leastFactor + (1 - leastFactor) * (1 + Math.Cos(Math.PI * progress)) / 2;
    }
}
