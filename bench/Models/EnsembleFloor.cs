using System;
using System.Diagnostics;
using System.Linq;
using Hybrid.Bench.Harness;
using Hybrid.Models.Training.Optimisers;
using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace Hybrid.Bench.Models;

/// <summary>
/// What a member's step costs at least on one thread: its matrix products, its dropout noise, its Adam update, and the passes over its
/// activations that no fusion avoids, each measured by itself on this machine.
/// </summary>
internal static class EnsembleFloor
{
    // Forward: the product's result is read for the statistics and again to be normalised, rectified, masked and written. Backward:
    // gradient and saved values are read for the two sums and again for the product's gradient. In units of one reading and one writing.
    private const int Passes = 4;

    private static readonly long[] _widths = [EnsembleNetwork.Features, 152, 80, 72, 48, 2];

    public static Measurement Measure()
    {
        using var scope = NewDisposeScope();
        var threads = get_num_threads();
        set_num_threads(1);
        using var still = no_grad();
        const int batch = EnsembleContender.Batch, members = EnsembleContender.Members;
        double flops = 0, products = 0;
        for (var layer = 1; layer < _widths.Length; layer++)
        {
            var (n, m) = (_widths[layer - 1], _widths[layer]);
            var (x, w, g) = (randn(n, batch), randn(m, n), randn(m, batch));
            products += Seconds(() => mm(w, x)) + Seconds(() => mm(g, x.transpose(0, 1)));
            if (layer > 1) products += Seconds(() => mm(w.transpose(0, 1), g));
            flops += (layer > 1 ? 6.0 : 4.0) * n * m * batch;
        }
        var hidden = _widths[1..^1].Sum() * batch;
        var activations = randn(members, hidden);
        var pass = Seconds(() => functional.relu(activations)) / members;
        var noise = Math.Max(0, (Seconds(() => functional.dropout(activations, 0.1, true)) / members) - (2 * pass));
        var parameters = Enumerable.Range(1, _widths.Length - 1).Sum(layer => _widths[layer] * (_widths[layer - 1] + 3));
        var weights = new Parameters(parameters * members);
        var adam = Seconds(weights.Step) / members;
        set_num_threads(threads);
        var total = products + noise + adam + (Passes * pass);
        return new Measurement(
            FormattableString.Invariant($"floor of a member-step, one thread\nproducts {products * 1e6:0} µs ")
                + FormattableString.Invariant($"({flops / products / 1e9:0} GFLOP/s), noise {noise * 1e6:0}, Adam {adam * 1e6:0}, ")
                + FormattableString.Invariant($"{Passes} passes of {pass * 1e6:0.0}"),
            Comparison.Time(total), "", double.NaN, "", "", null);
    }

    private sealed class Parameters
    {
        private readonly Parameter _all;
        private readonly OptimiserStep _update;

        public Parameters(long count)
        {
            _all = new Parameter(randn(count));
            _all.grad = randn(count);
            _update = OptimiserStep.Of(optim.Adam([_all]));
        }

        public void Step() => _update.Apply();
    }

    /// <summary>The best of several blocks.</summary>
    private static double Seconds(Action work)
    {
        const int blocks = 15, calls = 40;
        var best = double.PositiveInfinity;
        for (var block = 0; block < blocks; block++)
        {
            using var scope = NewDisposeScope();
            var start = Stopwatch.GetTimestamp();
            for (var i = 0; i < calls; i++) work();
            best = Math.Min(best, Stopwatch.GetElapsedTime(start).TotalSeconds / calls);
        }
        return best;
    }
}
