using System;
using System.Collections.Generic;
using static TorchSharp.torch;

namespace Hybrid.Torch;

/// <summary>
/// One step of Adam or AdamW over a list of parameters, each in one pass over memory, with the arithmetic of PyTorch's single-tensor form.
/// </summary>
internal static unsafe class FusedAdam
{
    /// <summary>Updates every parameter that has a gradient, which it reads itself.</summary>
    /// <param name="expAvg">First moments, of each parameter's shape and type.</param>
    /// <param name="expAvgSq">Second moments.</param>
    /// <param name="maxExpAvgSq">Largest second moments so far for AMSGrad; null without it.</param>
    /// <param name="steps">Steps taken, one a parameter; counted here.</param>
    /// <param name="decoupled">AdamW's weight decay.</param>
    /// <returns>False, with nothing changed, when some tensor is not a contiguous float32 or float64 tensor on the CPU: then step operation by operation.</returns>
    public static bool Step(
        IReadOnlyList<Tensor> parameters, IReadOnlyList<Tensor> expAvg, IReadOnlyList<Tensor> expAvgSq, IReadOnlyList<Tensor>? maxExpAvgSq, Span<long> steps,
        double lr, double beta1, double beta2, double eps, double weightDecay, bool decoupled, bool maximize)
    {
        var count = parameters.Count;
        if (expAvg.Count != count || expAvgSq.Count != count || steps.Length != count || (maxExpAvgSq is not null && maxExpAvgSq.Count != count))
        {
            throw new ArgumentException($"FusedAdam: expected state for {count} parameters, got {expAvg.Count}, {expAvgSq.Count}, {maxExpAvgSq?.Count} and {steps.Length}.", nameof(parameters));
        }

        var (p, m, v) = (Handles(parameters), Handles(expAvg), Handles(expAvgSq));
        var big = maxExpAvgSq is null ? null : Handles(maxExpAvgSq);
        int done;
        fixed (nint* pp = p, pm = m, pv = v, pb = big)
        fixed (long* ps = steps)
        {
            done = Native.hybrid_adam_step(
                pp, pm, pv, pb, ps, count, lr, beta1, beta2, eps, weightDecay, decoupled ? 1 : 0, maximize ? 1 : 0);
        }

        GC.KeepAlive(parameters);
        GC.KeepAlive(expAvg);
        GC.KeepAlive(expAvgSq);
        GC.KeepAlive(maxExpAvgSq);
        NativeFailure.ThrowIf(done < 0);
        return done == 1;
    }

    /// <summary>Drops the gradients of all parameters, or fills them with zeros, in one call.</summary>
    public static void ZeroGradients(IReadOnlyList<Tensor> parameters, bool setToNone)
    {
        fixed (nint* p = Handles(parameters))
        {
            NativeFailure.ThrowIf(Native.hybrid_zero_gradients(p, parameters.Count, setToNone ? 1 : 0) < 0);
        }

        GC.KeepAlive(parameters);
    }

    private static nint[] Handles(IReadOnlyList<Tensor> tensors)
    {
        var handles = new nint[tensors.Count];
        for (var i = 0; i < handles.Length; i++)
        {
            handles[i] = tensors[i].Handle;
        }

        return handles;
    }
}
