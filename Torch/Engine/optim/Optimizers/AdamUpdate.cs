using System;
using static TorchSharp.torch;

namespace TorchSharp.Modules;

/// <summary>The update that Adam and AdamW share.</summary>
internal static class AdamUpdate
{
    /// <summary>The options of one group.</summary>
    public readonly record struct Rule(double Rate, double Beta1, double Beta2, double Epsilon, double Decay, bool Decoupled, bool Amsgrad, bool Maximise);

    /// <summary>What is remembered of one parameter.</summary>
    public interface IMoments
    {
        /// <summary>Counts a step and returns its number, from 1.</summary>
        long NextStep();

        Tensor Mean { get; }

        Tensor MeanSquare { get; }

        Tensor? LargestMeanSquare { get; }
    }

    public static void Apply(ReadOnlySpan<(Parameter Parameter, OptimizerState State)> pairs, Rule rule)
    {
        foreach (var (parameter, state) in pairs)
        {
            if (parameter.grad is { } grad) ByOperations(parameter, grad, (IMoments)state, rule);
        }
    }

    /// <summary>Any dtype and device, one operation after another.</summary>
    private static void ByOperations(Parameter parameter, Tensor grad, IMoments moments, Rule rule)
    {
        var step = moments.NextStep();
        if (rule.Maximise) grad = grad.neg();
        if (rule.Decay != 0)
        {
            if (rule.Decoupled) parameter.mul_(1 - rule.Rate * rule.Decay);
            else grad = grad.add(parameter, alpha: rule.Decay);
        }
        moments.Mean.mul_(rule.Beta1).add_(grad, alpha: 1 - rule.Beta1);
        moments.MeanSquare.mul_(rule.Beta2).addcmul_(grad, grad.conj(), value: 1 - rule.Beta2);
        var square = moments.MeanSquare;
        if (rule.Amsgrad && moments.LargestMeanSquare is { } largest)
        {
            largest.copy_(maximum(largest, square));
            square = largest;
        }
        var root = square.sqrt().div_(Math.Sqrt(1 - Math.Pow(rule.Beta2, step))).add_(rule.Epsilon);
        parameter.addcdiv_(moments.Mean, root, value: -rule.Rate / (1 - Math.Pow(rule.Beta1, step)));
    }
}
