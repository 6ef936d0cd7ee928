using System.Collections.Generic;
using System.Linq;
using Hybrid.Bench.Harness;
using Hybrid.Bench.Models;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace Hybrid.Bench.ByHand;

/// <summary>
/// Training steps of dense networks as users of TorchSharp write them, on the same package, without this project's settings: modules in a
/// Sequential, torch.optim's Adam, a dispose scope a step.
/// </summary>
internal static class HandWritten
{
    private const string Who = "TorchSharp by hand";

    /// <summary>52-152-80-72-48-2 with BatchNorm, ReLU and Dropout.</summary>
    private static Sequential Dense()
    {
        long[] sizes = [52, 152, 80, 72, 48];
        var layers = sizes.Zip(sizes.Skip(1)).SelectMany(size => new Module<Tensor, Tensor>[]
        {
            Linear(size.First, size.Second), BatchNorm1d(size.Second), ReLU(), Dropout(0.1),
        });
        return Sequential(layers.Append(Linear(48, 2)));
    }

    /// <summary>The same work as bench/peers/mlp_step.py.</summary>
    public static IContender Mlp()
    {
        manual_seed(0);
        var model = Dense();
        var optimiser = optim.Adam(model.parameters(), 1e-3);
        var (x, target) = (randn(64, 52), randn(64, 2));
        return new Stepper(Who, 200, () =>
        {
            optimiser.zero_grad();
            functional.mse_loss(model.call(x), target).backward();
            optimiser.step();
        });
    }

    /// <summary>25 networks, one after the other: bench/peers/ensemble_step.py loop.</summary>
    public static IContender EnsembleLoop()
    {
        manual_seed(0);
        var networks = Enumerable.Range(0, EnsembleContender.Members).Select(_ => Dense()).Select(
            network => (Network: network, Optimiser: optim.Adam(network.parameters(), 1e-3))).ToArray();
        var (xs, labels) = EnsembleContender.Batches();
        return new Stepper($"{Who}, a loop", 20, () =>
        {
            for (var m = 0; m < networks.Length; m++)
            {
                var (network, optimiser) = networks[m];
                optimiser.zero_grad();
                functional.cross_entropy(network.call(xs[m]), labels[m]).backward();
                optimiser.step();
            }
        }, of: EnsembleContender.Members);
    }

    /// <summary>All networks in batched operations by hand: bench/peers/ensemble_step.py batched.</summary>
    public static IContender EnsembleBatched()
    {
        manual_seed(0);
        const int members = EnsembleContender.Members, batch = EnsembleContender.Batch;
        var networks = Enumerable.Range(0, members).Select(_ => Dense()).ToArray();
        Parameter Stacked(IEnumerable<Tensor> tensors) => new(stack(tensors.Select(t => t.detach())));
        List<(Parameter W, Parameter B)> linear = [];
        List<(Parameter Scale, Parameter Shift, Tensor Mean, Tensor Variance)> norms = [];
        for (var layer = 0; layer < 17; layer += 4)
        {
            var those = networks.Select(network => (Linear)network[layer]).ToArray();
            linear.Add((Stacked(those.Select(l => l.weight!.t())), Stacked(those.Select(l => l.bias!.unsqueeze(0)))));
        }
        foreach (var width in (long[])[152, 80, 72, 48])
            norms.Add((
                new Parameter(ones(members * width)), new Parameter(zeros(members * width)),
                zeros(members * width), ones(members * width)));
        var optimiser = optim.Adam(
            linear.SelectMany(l => new[] { l.W, l.B }).Concat(norms.SelectMany(n => new[] { n.Scale, n.Shift })), 1e-3);
        var (xs, labels) = EnsembleContender.Batches();
        var flatLabels = labels.reshape(-1);
        return new Stepper($"{Who}, batched", 40, () =>
        {
            optimiser.zero_grad();
            var x = xs;
            for (var i = 0; i < norms.Count; i++)
            {
                var (w, b) = linear[i];
                var (scale, shift, mean, variance) = norms[i];
                x = bmm(x, w).add(b).transpose(0, 1).reshape(batch, -1); // (B, M·F): members are channels of the normalisation
                x = functional.batch_norm(x, mean, variance, scale, shift, training: true);
                x = functional.dropout(functional.relu(x), 0.1);
                x = x.view(batch, members, -1).transpose(0, 1);
            }
            x = bmm(x, linear[^1].W).add(linear[^1].B);
            (functional.cross_entropy(x.reshape(members * batch, 2), flatLabels) * members).backward();
            optimiser.step();
        }, of: members);
    }
}
