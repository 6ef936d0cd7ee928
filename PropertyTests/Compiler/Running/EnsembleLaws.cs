using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using TorchSharp;
using Xunit;
using static TorchSharp.torch;

namespace Hybrid.PropertyTests.Compiler.Running;

/// <summary>An ensemble is a loop over its members: values, gradients, buffers, keys.</summary>
internal static class EnsembleLaws
{
    private const int Members = 3;
    private const double Tolerance = 1e-9;

    public static void Hold(RunningNetwork network, Random random)
    {
        using var scope = NewDisposeScope();
        var name = network.Graph.Name;
        var seed = random.Next();
        manual_seed(seed);
        var loop = Enumerable.Range(0, Members).Select(_ => network.Construct(ScalarType.Float64)).ToArray();
        manual_seed(seed);
        var ensemble = RunningEnsemble.Draw(network, Members, ScalarType.Float64);
        Assert.Equal(Members, ensemble.Members);
        IsStacked(ensemble.Module, loop, $"{name}: drawn");

        var sizes = network.Sizes(random);
        var inputs = Enumerable.Range(0, Members).Select(_ => network.Inputs(sizes, ScalarType.Float64)).ToArray();
        var stacked = inputs[0].Select((_, i) => stack(inputs.Select(of => of[i]))).ToArray();
        bool isNoisy;
        using (no_grad())
        {
            // A second ensemble: passes in training move its statistics.
            var probe = RunningEnsemble.Of(network, loop);
            isNoisy = probe.Forward(stacked)
                .Zip(probe.Forward(stacked))
                .Any(pair => !pair.First.allclose(pair.Second, 0, 0, equal_nan: true));
        }
        if (!isNoisy)
        {
            Agree(network, ensemble, loop, stacked, inputs, $"{name} in training");
            IsStacked(ensemble.Module, loop, $"{name}: after a pass in training", Tolerance);
        }
        else using (no_grad())
        {
            NoiseIsAsChosen(network, loop, inputs[0], seed, name);
            // Statistics other than 0 and 1; with noise each side has its own.
            ensemble.Forward(stacked);
            loop = [.. Enumerable.Range(0, Members).Select(ensemble.Member)];
        }
        ensemble.Module.eval();
        foreach (var member in loop) member.eval();
        Agree(network, ensemble, loop, stacked, inputs, $"{name} in evaluation");

        using var still = no_grad();
        var shared = ensemble.Forward(inputs[0]);
        var repeated = ensemble.Forward([.. inputs[0].Select(x => stack(Enumerable.Repeat(x, Members)))]);
        Same(shared, repeated, $"{name}: shared and repeated inputs");

        var state = random_state();
        var members = Enumerable.Range(0, Members).Select(ensemble.Member).ToArray();
        Assert.True(state.Equals(random_state()), $"{name}: Member draws from the stream of random numbers");
        IsStacked(ensemble.Module, members, $"{name}: Member");
        var again = RunningEnsemble.Of(network, members);
        IsStacked(again.Module, members, $"{name}: Of");
        Same(again.Forward(stacked), ensemble.Forward(stacked), $"{name}: Of the members");

        using var file = new MemoryStream();
        ensemble.Module.save(file);
        var loaded = RunningEnsemble.Draw(network, Members, ScalarType.Float64);
        loaded.Module.load(new MemoryStream(file.ToArray()));
        loaded.Module.eval();
        IsStacked(loaded.Module, members, $"{name}: saved and loaded");

        // `to` finds parameters and buffers by their component names: one it misses would keep its type.
        again.Module.to(ScalarType.Float32);
        foreach (var (key, tensor) in again.Module.state_dict())
            Assert.True(tensor.dtype is ScalarType.Float32 or ScalarType.Int64, $"{name}: '{key}' is {tensor.dtype} after to(Float32)");
        var single = again.Forward([.. stacked.Select(x => x.is_floating_point() ? x.to(ScalarType.Float32) : x)]);
        Assert.True(single.All(y => y.dtype == ScalarType.Float32), $"{name}: an output keeps its type after to(Float32)");
    }

    /// <summary>
    /// Shared noise is what one network draws: a loop over the members with the generator set back before each. Of their own, two equal
    /// members have other noise.
    /// </summary>
    private static void NoiseIsAsChosen(RunningNetwork network, nn.Module[] loop, Tensor[] inputs, int seed, string name)
    {
        var ensemble = RunningEnsemble.Of(network, loop);
        ensemble.Noise = MemberNoise.Shared;
        manual_seed(seed);
        var together = ensemble.Forward(inputs);
        for (var m = 0; m < Members; m++)
        {
            manual_seed(seed);
            var apart = network.Forward(ensemble.Member(m), inputs);
            for (var i = 0; i < apart.Length; i++) Close(together[i][m], apart[i], $"{name}: shared noise, output {i} of member {m}");
        }
        var equal = RunningEnsemble.Of(network, [loop[0], loop[0]]);
        bool Differ(int passes)
            => Enumerable.Range(0, passes).Any(_ => equal.Forward(inputs).Any(y => !y[0].allclose(y[1], 1e-9, 1e-9, equal_nan: true)));
        // Where little is dropped, two members may drop the same by chance, for a few passes.
        Assert.True(Differ(100), $"{name}: two equal members have the same noise, where each draws its own");
        equal.Noise = MemberNoise.Shared;
        Assert.False(Differ(3), $"{name}: two equal members differ, where they share their noise");
    }

    private static string random_state()
    {
        using var state = get_rng_state();
        return Convert.ToHexString(state.data<byte>().ToArray());
    }

    /// <summary>Outputs, and the gradients of a random function of them.</summary>
    private static void Agree(
        RunningNetwork network,
        RunningEnsemble ensemble,
        nn.Module[] loop,
        Tensor[] stacked,
        Tensor[][] inputs,
        string what)
    {
        var together = ensemble.Forward(stacked);
        var apart = loop.Select((member, m) => network.Forward(member, inputs[m])).ToArray();
        var weights = together.Select(y => randn(y.shape, ScalarType.Float64)).ToArray();
        for (var i = 0; i < together.Length; i++)
        {
            Assert.Equal(stack(apart.Select(of => of[i])).shape, together[i].shape);
            for (var m = 0; m < Members; m++) Close(together[i][m], apart[m][i], $"{what}: output {i} of member {m}");
        }
        if (together.All(y => !y.requires_grad)) return;
        ensemble.Module.zero_grad();
        together.Select((y, i) => (y * weights[i]).sum()).Aggregate((a, b) => a + b).backward();
        for (var m = 0; m < Members; m++)
        {
            loop[m].zero_grad();
            apart[m].Select((y, i) => (y * weights[i][m]).sum()).Aggregate((a, b) => a + b).backward();
        }
        foreach (var (key, parameter) in ensemble.Module.named_parameters())
            for (var m = 0; m < Members; m++)
            {
                var expected = loop[m].get_parameter(key)!.grad;
                Assert.True(expected is null == parameter.grad is null, $"{what}: '{key}' has a gradient on one side only");
                if (expected is not null) Close(parameter.grad![m], expected, $"{what}: gradient of '{key}' of member {m}");
            }
    }

    /// <summary>The keys of a member, each tensor stacked.</summary>
    private static void IsStacked(nn.Module ensemble, IReadOnlyList<nn.Module> members, string what, double tolerance = 0)
    {
        var state = ensemble.state_dict();
        var single = members.Select(member => member.state_dict()).ToArray();
        Assert.Equal(single[0].Keys.Order(StringComparer.Ordinal), state.Keys.Order(StringComparer.Ordinal));
        foreach (var (key, tensor) in state)
        {
            Assert.Equal([members.Count, .. single[0][key].shape], tensor.shape);
            for (var m = 0; m < members.Count; m++) Close(tensor[m], single[m][key], $"{what}, '{key}' of member {m}", tolerance);
        }
        Assert.Equal(members[0].named_parameters().Select(p => p.name), ensemble.named_parameters().Select(p => p.name));
    }

    private static void Same(Tensor[] actual, Tensor[] expected, string what)
    {
        for (var i = 0; i < expected.Length; i++) Close(actual[i], expected[i], $"{what}, output {i}", 1e-12);
    }

    private static void Close(Tensor actual, Tensor expected, string what, double tolerance = Tolerance)
    {
        Assert.True(
            actual.shape.SequenceEqual(expected.shape),
            $"{what}: ({string.Join(", ", actual.shape)}) against ({string.Join(", ", expected.shape)})");
        if (actual.numel() == 0) return;
        var (a, b) = (actual.detach().to(ScalarType.Float64), expected.detach().to(ScalarType.Float64));
        // A mean over nothing is not a number, on both sides.
        var nowhere = a.isnan().logical_and(b.isnan());
        (a, b) = (a.masked_fill(nowhere, 0), b.masked_fill(nowhere, 0));
        var difference = (a - b).abs().max().ToDouble() / Math.Max(1, b.abs().max().ToDouble());
        Assert.True(difference <= tolerance, $"{what}: differs by {difference}, relative to the largest value");
    }
}
