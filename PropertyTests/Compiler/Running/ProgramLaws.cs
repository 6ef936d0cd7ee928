using System;
using System.IO;
using System.Linq;
using Hybrid.Programs;
using TorchSharp;
using Xunit;
using static TorchSharp.torch;

namespace Hybrid.PropertyTests.Compiler.Running;

/// <summary>What every generated network obeys, whatever its spec.</summary>
internal static class ProgramLaws
{
    private const int Directions = 2;

    public static void Hold(RunningNetwork network, Random random)
    {
        using var scope = NewDisposeScope();
        manual_seed(random.Next());
        var sizes = network.Sizes(random);
        var inputs = network.Inputs(sizes, ScalarType.Float64);
        // A training step first, so that running statistics are other than 0 and 1.
        network.Module.train();
        using (no_grad()) network.Forward(inputs);
        network.Module.eval();

        var outputs = network.Forward(inputs);
        var predicted = network.Graph.Results.Select(r => RunningNetwork.Shape(r.Shape, sizes)).ToList();
        Assert.True(outputs.Length == predicted.Count, $"{network.Graph.Name}: {outputs.Length} outputs, {predicted.Count} predicted");
        for (var i = 0; i < outputs.Length; i++)
            Assert.True(
                outputs[i].shape.SequenceEqual(predicted[i]),
                $"{network.Graph.Name}: predicted ({string.Join(", ", predicted[i])}), got ({string.Join(", ", outputs[i].shape)})");

        StateRoundTrips(network, inputs, outputs);
        // Networks and modules inside have cards of their own.
        if (network.Graph.Nodes.All(node => node.Operation is not ("Of" or "Module"))) CardIsTrue(network);
        if (network.EnsembleType is not null) EnsembleLaws.Hold(network, random);
        if (network.FlipoutType is not null) FlipoutLaws.Hold(network, inputs, outputs);
        if (!network.HasFunctional) return;
        Same(network.Functional(inputs), outputs, $"{network.Graph.Name}: functional and module", Rounding(network));
        if (network.HasTangent) TangentIsTheDerivative(network, inputs, outputs);
        TrainingIsTheModules(network, inputs, random.Next());
    }

    /// <summary>
    /// In training, with the generator at the same place: the module's results bit for bit, and what it leaves in its buffers.
    /// </summary>
    private static void TrainingIsTheModules(RunningNetwork network, Tensor[] inputs, int seed)
    {
        using var still = no_grad();
        var before = network.Module.state_dict().ToDictionary(pair => pair.Key, pair => pair.Value.clone());
        void Restart()
        {
            foreach (var (key, tensor) in network.Module.state_dict()) tensor.copy_(before[key]);
            manual_seed(seed);
        }
        network.Module.train();
        manual_seed(seed);
        var outputs = network.Forward(inputs);
        var after = network.Module.state_dict().ToDictionary(pair => pair.Key, pair => pair.Value.clone());
        void LeavesTheSame(string program)
        {
            foreach (var (key, tensor) in network.Module.state_dict())
                Assert.True(
                    tensor.allclose(after[key], 1e-12, 1e-12),
                    $"{network.Graph.Name}: {program} leaves another '{key}' than the module, in training");
        }
        network.Module.eval();
        Restart();
        Same(
            network.Functional(inputs, training: true),
            outputs,
            $"{network.Graph.Name}: functional and module in training",
            Rounding(network));
        LeavesTheSame("functional");
        if (network.HasTangent)
        {
            Restart();
            network.Tangent(inputs, [.. inputs.Where(x => x.is_floating_point()).Select(x => x.unsqueeze(0))], training: true);
            LeavesTheSame("tangent");
        }
        Restart();
    }

    /// <summary>Parameters and keys of the card are the module's.</summary>
    private static void CardIsTrue(RunningNetwork network)
    {
        Assert.True(
            Cards.Parameters(network.Graph).TryConstant(out var parameters),
            $"{network.Graph.Name}: {Cards.Parameters(network.Graph)} parameters");
        Assert.Equal(network.Module.parameters().Sum(parameter => parameter.numel()), parameters);
        Assert.Equal(
            network.Module.state_dict().Keys.Order(StringComparer.Ordinal),
            Cards.Of(network.Graph).Tensors.Select(tensor => tensor.Key).Order(StringComparer.Ordinal));
    }

    /// <summary>
    /// Weights written and read into a second network give the same output, and a network moved to float32 and back computes.
    /// </summary>
    private static void StateRoundTrips(RunningNetwork network, Tensor[] inputs, Tensor[] outputs)
    {
        using var file = new MemoryStream();
        network.Module.save(file);
        var second = network.Construct(ScalarType.Float64);
        second.load(new MemoryStream(file.ToArray()));
        second.eval();
        Same(network.Forward(second, inputs), outputs, $"{network.Graph.Name}: loaded and saved");

        // `to` finds fields by their component names: a field it misses would keep its type.
        second.to(ScalarType.Float32);
        foreach (var (key, tensor) in second.state_dict())
            Assert.True(
                tensor.dtype is ScalarType.Float32 or ScalarType.Int64,
                $"{network.Graph.Name}: '{key}' is {tensor.dtype} after to(Float32)");
        var single = network.Forward(second, [.. inputs.Select(x => x.is_floating_point() ? x.to(ScalarType.Float32) : x)]);
        for (var i = 0; i < single.Length; i++)
            Assert.True(single[i].dtype == ScalarType.Float32, $"{network.Graph.Name}: output {i} is {single[i].dtype} after to(Float32)");
        second.to(ScalarType.Float64);
        Assert.True(
            network.Forward(second, inputs).All(y => y.dtype == ScalarType.Float64),
            $"{network.Graph.Name}: to(Float64) leaves another type");
    }

    /// <summary>The tangent program against central differences, and against the derivative that two backward passes give.</summary>
    private static void TangentIsTheDerivative(RunningNetwork network, Tensor[] inputs, Tensor[] outputs)
    {
        // Whole numbers and truth values have no direction: none is passed, and a step along them does nothing.
        var directions = inputs.Select(x => x.is_floating_point() ? randn([Directions, .. x.shape], ScalarType.Float64) : null).ToArray();
        var (value, tangent) = network.Tangent(inputs, [.. directions.OfType<Tensor>()]);
        // The value may share work with its derivative, so it is the same function, not the same bits.
        for (var i = 0; i < value.Length; i++) Close(value[i], outputs[i], 1e-12, $"{network.Graph.Name}: value beside the tangent");

        for (var k = 0; k < Directions; k++)
        {
            var along = directions.Select(d => d?[k]).ToArray();
            var twice = DoubleBackward(network, inputs, along);
            for (var i = 0; i < tangent.Length; i++)
                Close(tangent[i][k], twice[i], 1e-9, $"{network.Graph.Name}: tangent and double backward");
            // A step that crosses the kink of a ReLU or changes the largest of a pool's window is off by what the kink bends; the
            // shorter steps cross next to none, and float64 bears them.
            var differences = new[] { 1e-6, 1e-8, 3e-9 }.Select(step => FiniteDifference(network, inputs, along, step)
                .Zip(tangent, (difference, exact) => Difference(exact[k], difference)).Max()).ToList();
            Assert.True(
                differences.Min() <= 1e-5,
                $"{network.Graph.Name}: tangent and finite differences differ by {string.Join(", ", differences)}");
        }
    }

    private static Tensor[] FiniteDifference(RunningNetwork network, Tensor[] inputs, Tensor?[] along, double step)
    {
        using var still = no_grad();
        var above = network.Functional([.. inputs.Zip(along, (x, d) => d is null ? x : x + d * step)]);
        var below = network.Functional([.. inputs.Zip(along, (x, d) => d is null ? x : x - d * step)]);
        return [.. above.Zip(below, (a, b) => (a - b) / (2 * step))];
    }

    /// <summary>J·v as the derivative of Jᵀ·u in u, which is linear in u.</summary>
    private static Tensor[] DoubleBackward(RunningNetwork network, Tensor[] inputs, Tensor?[] along)
    {
        var copies = inputs.Select((x, i) => along[i] is null ? x : x.detach().clone().requires_grad_(true)).ToArray();
        var outputs = network.Functional(copies);
        var leaves = copies.Where((_, i) => along[i] is not null).ToArray();
        var steps = along.OfType<Tensor>().ToArray();
        return [.. outputs.Select(y =>
        {
            if (!y.requires_grad) return zeros_like(y);
            var u = zeros_like(y).requires_grad_(true);
            var back = autograd.grad([y], leaves, [u], retain_graph: true, create_graph: true, allow_unused: true);
            var used = back.Select((g, i) => (Gradient: g, Along: steps[i]))
                .Where(p => p.Gradient is { IsInvalid: false, requires_grad: true })
                .ToList();
            if (used.Count == 0) return zeros_like(y);
            return autograd.grad(
                [.. used.Select(p => p.Gradient)],
                [u],
                [.. used.Select(p => p.Along)],
                retain_graph: true, allow_unused: true)[0] is { IsInvalid: false } found
                ? found
                : zeros_like(y);
        })];
    }

    /// <summary>
    /// How far two programs of a network may be apart, relative and absolute: nothing, but where libtorch's own recurrent kernels stand
    /// against cells written out step by step, which add the two biases in another order.
    /// </summary>
    private static double Rounding(RunningNetwork network)
        => network.Graph.Nodes.Any(node => node.Operation is "Lstm" or "Gru") ? 1e-13 : 0;

    private static void Same(Tensor[] actual, Tensor[] expected, string what, double rounding = 0)
    {
        Assert.True(actual.Length == expected.Length, $"{what}: {actual.Length} against {expected.Length} results");
        for (var i = 0; i < actual.Length; i++)
        {
            Assert.True(actual[i].shape.SequenceEqual(expected[i].shape), $"{what}: shapes differ");
            Assert.True(
                actual[i].detach().allclose(expected[i].detach(), rtol: rounding, atol: rounding, equal_nan: true),
                $"{what}: result {i} differs by {(actual[i] - expected[i]).abs().max().ToDouble()}");
        }
    }

    private static void Close(Tensor actual, Tensor expected, double tolerance, string what)
    {
        var difference = Difference(actual, expected);
        Assert.True(difference <= tolerance, $"{what} differ by {difference}, relative to the largest value");
    }

    private static double Difference(Tensor actual, Tensor expected)
    {
        // A mean over nothing is not a number, on both sides.
        var nowhere = actual.isnan().logical_and(expected.isnan());
        var (a, b) = (actual.detach().masked_fill(nowhere, 0), expected.detach().masked_fill(nowhere, 0));
        return (a - b).abs().max().ToDouble() / Math.Max(1, b.abs().max().ToDouble());
    }
}
