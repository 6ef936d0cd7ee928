using System;
using System.Collections.Generic;
using Hybrid.Torch;
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
        /// <summary>Steps taken.</summary>
        long Step { get; set; }

        Tensor Mean { get; }

        Tensor MeanSquare { get; }

        Tensor? LargestMeanSquare { get; }
    }

    public static void Apply((Parameter Parameter, OptimizerState State)[] pairs, Rule rule)
    {
        if (Fused(pairs, rule)) return;
        foreach (var (parameter, state) in pairs)
        {
            if (parameter.grad is { } grad) ByOperations(parameter, grad, (IMoments)state, rule);
        }
    }

    /// <summary>One native pass over all parameters; false, with nothing done, where it has no form for their dtype, device or layout.</summary>
    private static bool Fused((Parameter Parameter, OptimizerState State)[] pairs, Rule rule)
    {
        var steps = new long[pairs.Length];
        for (var i = 0; i < steps.Length; i++) steps[i] = ((IMoments)pairs[i].State).Step;
        var done = FusedAdam.Step(new Column(pairs, 0), new Column(pairs, 1), new Column(pairs, 2), rule.Amsgrad ? new Column(pairs, 3) : null, steps,
            rule.Rate, rule.Beta1, rule.Beta2, rule.Epsilon, rule.Decay, rule.Decoupled, rule.Maximise);
        for (var i = 0; done && i < steps.Length; i++) ((IMoments)pairs[i].State).Step = steps[i];
        return done;
    }

    /// <summary>Any dtype and device, one operation after another.</summary>
    internal static void ByOperations(Parameter parameter, Tensor grad, IMoments moments, Rule rule)
    {
        var step = ++moments.Step;
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

    /// <summary>The parameters, or one of their moments, as a list without a copy: users may replace a state's tensors between steps.</summary>
    private sealed class Column((Parameter Parameter, OptimizerState State)[] pairs, int column) : IReadOnlyList<Tensor>
    {
        public int Count => pairs.Length;

        public Tensor this[int index] => column switch
        {
            0 => pairs[index].Parameter,
            1 => ((IMoments)pairs[index].State).Mean,
            2 => ((IMoments)pairs[index].State).MeanSquare,
            _ => ((IMoments)pairs[index].State).LargestMeanSquare
                ?? throw new InvalidOperationException("Adam: amsgrad was switched on after the first step; the largest mean squares are missing. Make a new optimizer."),
        };

        public IEnumerator<Tensor> GetEnumerator()
        {
            for (var i = 0; i < Count; i++) yield return this[i];
        }

        System.Collections.IEnumerator System.Collections.IEnumerable.GetEnumerator() => GetEnumerator();
    }
}
