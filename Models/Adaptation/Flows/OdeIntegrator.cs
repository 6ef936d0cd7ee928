using System;
using System.Linq;
using TorchSharp;
using static TorchSharp.torch;

namespace Hybrid.Models.Adaptation;

/// <summary>
/// Solutions of dy/dt = f(t, y) with y in several tensors. Gradients go back through the steps, exactly those of what was computed.
/// </summary>
public static class OdeIntegrator
{
    /// <summary>The classical method of order 4 with equal steps.</summary>
    /// <param name="slope">f, as many tensors of the same shapes.</param>
    /// <param name="state">y at the beginning.</param>
    /// <param name="from">Where t begins.</param>
    /// <param name="to">Where it ends; before <paramref name="from"/> goes backwards.</param>
    /// <param name="steps">≥ 1.</param>
    public static Tensor[] RungeKutta4(Func<double, Tensor[], Tensor[]> slope, Tensor[] state, double from, double to, int steps)
    {
        ArgumentNullException.ThrowIfNull(slope);
        ArgumentNullException.ThrowIfNull(state);
        if (steps < 1)
            throw new ArgumentOutOfRangeException(nameof(steps), $"OdeIntegrator: expected at least one step, got {steps}.");
        var h = (to - from) / steps;
        for (var i = 0; i < steps; i++)
        {
            // What a step leaves is the next state; where gradients are recorded, their graph keeps what it needs.
            using var scope = NewDisposeScope();
            var t = from + (i * h);
            var a = slope(t, state);
            var b = slope(t + (h / 2), Moved(state, (h / 2, a)));
            var c = slope(t + (h / 2), Moved(state, (h / 2, b)));
            var d = slope(t + h, Moved(state, (h, c)));
            var next = Kept(Moved(state, (h / 6, a), (h / 3, b), (h / 3, c), (h / 6, d)));
            if (i > 0) Drop(state);
            state = next;
        }
        return state;
    }

    private static readonly double[] _times = [0, 1.0 / 5, 3.0 / 10, 4.0 / 5, 8.0 / 9, 1, 1];

    private static readonly double[][] _stages =
    [
        [],
        [1.0 / 5],
        [3.0 / 40, 9.0 / 40],
        [44.0 / 45, -56.0 / 15, 32.0 / 9],
        [19372.0 / 6561, -25360.0 / 2187, 64448.0 / 6561, -212.0 / 729],
        [9017.0 / 3168, -355.0 / 33, 46732.0 / 5247, 49.0 / 176, -5103.0 / 18656],
        [35.0 / 384, 0, 500.0 / 1113, 125.0 / 192, -2187.0 / 6784, 11.0 / 84],
    ];

    // Fifth order less fourth.
    private static readonly double[] _error =
        [71.0 / 57600, 0, -71.0 / 16695, 71.0 / 1920, -17253.0 / 339200, 22.0 / 525, -1.0 / 40];

    /// <summary>
    /// The method of Dormand and Prince (1980) of order 5, its steps chosen so that an error of order 4 stays within the tolerance.
    /// </summary>
    /// <param name="slope">f.</param>
    /// <param name="state">y at the beginning.</param>
    /// <param name="from">Where t begins.</param>
    /// <param name="to">Where it ends.</param>
    /// <param name="relative">Tolerance as a share of each number, &gt; 0.</param>
    /// <param name="absolute">And in its unit, &gt; 0.</param>
    /// <param name="mostSteps">Steps, kept or not, before it gives up.</param>
    /// <exception cref="InvalidOperationException">The tolerance is not reached in that many steps.</exception>
    public static Tensor[] DormandPrince(
        Func<double, Tensor[], Tensor[]> slope, Tensor[] state, double from, double to, double relative = 1e-5, double absolute = 1e-6,
        int mostSteps = 1000)
    {
        ArgumentNullException.ThrowIfNull(slope);
        ArgumentNullException.ThrowIfNull(state);
        if (!(relative > 0 && absolute > 0))
            throw new ArgumentOutOfRangeException(
                nameof(relative), $"OdeIntegrator: expected tolerances > 0, got {relative} and {absolute}.");
        var (t, h) = (from, (to - from) / 10);
        var first = slope(t, state);
        var taken = 0;
        for (var step = 0; step < mostSteps; step++)
        {
            if ((to - t) * Math.Sign(to - from) <= 1e-12 * Math.Abs(to - from)) return state;
            if (Math.Abs(h) > Math.Abs(to - t)) h = to - t;
            using var scope = NewDisposeScope();
            var k = new Tensor[7][];
            k[0] = first;
            for (var stage = 1; stage < 7; stage++)
                k[stage] = slope(t + (_times[stage] * h), Moved(state, [.. _stages[stage].Select((a, i) => (a * h, k[i]))]));
            var next = Moved(state, [.. _stages[6].Select((a, i) => (a * h, k[i]))]);
            var size = Error(state, next, Moved(state.Select(y => y.zeros_like()).ToArray(), [.. _error.Select((e, i) => (e * h, k[i]))]));
            if (size <= 1)
            {
                var (left, slopes) = (state, first);
                (t, state, first) = (t + h, Kept(next), Kept([.. k[6].Select(one => one.alias())]));
                // The first state and its slope are the caller's.
                if (taken++ > 0)
                {
                    Drop(left);
                    Drop(slopes);
                }
            }
            // Between a fifth and ten times the last step (Hairer et al. 1993, II.4).
            h *= Math.Clamp(0.9 * Math.Pow(Math.Max(size, 1e-10), -0.2), 0.2, 10);
        }
        throw new InvalidOperationException(
            $"OdeIntegrator: the tolerance of {relative} is not reached in {mostSteps} steps, at t = {t} of {to}. "
                + "Raise the tolerance, or make the field smoother.");

        double Error(Tensor[] before, Tensor[] after, Tensor[] error)
        {
            using var _ = no_grad();
            using var scope = NewDisposeScope();
            var (sum, count) = (0.0, 0L);
            for (var i = 0; i < error.Length; i++)
            {
                var scale = (maximum(before[i].abs(), after[i].abs()) * relative) + absolute;
                sum += (error[i] / scale).square().sum().ToDouble();
                count += error[i].numel();
            }
            return Math.Sqrt(sum / Math.Max(1, count));
        }
    }

    private static Tensor[] Kept(Tensor[] state) => [.. state.Select(one => one.MoveToOuterDisposeScope())];

    private static void Drop(Tensor[] state)
    {
        foreach (var one in state) one.Dispose();
    }

    private static Tensor[] Moved(Tensor[] state, params (double Weight, Tensor[] Slope)[] slopes)
        => state.Select((y, i) =>
        {
            foreach (var (weight, slope) in slopes)
            {
                if (weight != 0) y = y + (slope[i] * weight);
            }
            return y;
        }).ToArray();
}
