using System;
using System.Collections.Generic;
using System.Linq;
using System.Text.Json;
using Hybrid.PropertyTests.Engine.Oracles;
using TorchSharp;
using Xunit;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace Hybrid.PropertyTests.Engine.Modules;

/// <summary>Each layer against PyTorch's: weights bit for bit, keys, outputs, buffers after a training step.</summary>
public class LayerTests
{
    public static IEnumerable<TheoryDataRow<string>> Names => LayerCatalogue.All.Keys.Select(name => new TheoryDataRow<string>(name));

    private static JsonElement Oracle(string name)
        => SameNumbers.Root.GetProperty("layers").EnumerateArray().Single(layer => layer.GetProperty("name").GetString() == name);

    private static Tensor[] Inputs(string name, JsonElement oracle) => name == "Embedding"
        ? [tensor(new long[] { 1, 2, 6, 0 }, [2, 2])]
        : oracle.GetProperty("shapes").EnumerateArray().Select(shape => randn(shape.Longs())).ToArray();

    [Fact]
    public void Catalogue_CoversTheOracle()
        => Assert.Equal(
            SameNumbers.Root.GetProperty("layers").EnumerateArray().Select(layer => layer.GetProperty("name").GetString()!).Order(StringComparer.Ordinal),
            LayerCatalogue.All.Keys.Order(StringComparer.Ordinal));

    [Theory, MemberData(nameof(Names))]
    public void Layer_HasPyTorchsWeightsAndOutputs(string name)
    {
        using var scope = NewDisposeScope();
        var (oracle, entry) = (Oracle(name), LayerCatalogue.All[name]);
        manual_seed(oracle.GetProperty("seed").GetInt64());
        using var module = entry.Make();
        SameNumbers.AssertState(oracle.GetProperty("weights"), module.state_dict(), name);
        var outputs = entry.Call(module, Inputs(name, oracle));
        var expected = oracle.GetProperty("outputs").EnumerateArray().ToArray();
        Assert.Equal(expected.Length, outputs.Length);
        for (var i = 0; i < outputs.Length; i++) SameNumbers.AssertSamples(expected[i], outputs[i], $"{name}, output {i}");
        var buffers = module.buffers().ToArray();
        foreach (var (wanted, buffer) in oracle.GetProperty("after").EnumerateArray().Zip(buffers)) SameNumbers.AssertSamples(wanted, buffer, $"{name}, buffer afterwards");
        Assert.Equal(oracle.GetProperty("after").GetArrayLength(), buffers.Length);
    }

    [Theory, MemberData(nameof(Names))]
    public void Layer_MovedToFloat64_ComputesTheSameInFloat64(string name)
    {
        using var scope = NewDisposeScope();
        var (oracle, entry) = (Oracle(name), LayerCatalogue.All[name]);
        manual_seed(oracle.GetProperty("seed").GetInt64());
        using var module = entry.Make();
        module.eval(); // dropout's stream differs between dtypes
        var inputs = Inputs(name, oracle);
        var single = entry.Call(module, inputs);
        module.to(ScalarType.Float64);
        Assert.All(module.parameters(), p => Assert.Equal(ScalarType.Float64, p.dtype));
        Assert.All(module.buffers(), b => Assert.Contains(b.dtype, new[] { ScalarType.Float64, ScalarType.Int64 }));
        var twice = entry.Call(module, inputs.Select(x => x.is_floating_point() ? x.to(ScalarType.Float64) : x).ToArray());
        for (var i = 0; i < single.Length; i++)
        {
            Assert.Equal(ScalarType.Float64, twice[i].dtype);
            Assert.True(twice[i].allclose(single[i].to(ScalarType.Float64), 1e-4, 1e-5), $"{name}: output {i} differs between float32 and float64");
        }
    }

    [Theory, MemberData(nameof(Names))]
    public void Layer_PassesGradientsToInputsAndParameters(string name)
    {
        using var scope = NewDisposeScope();
        var (oracle, entry) = (Oracle(name), LayerCatalogue.All[name]);
        manual_seed(oracle.GetProperty("seed").GetInt64());
        using var module = entry.Make();
        var inputs = Inputs(name, oracle);
        foreach (var input in inputs.Where(x => x.is_floating_point())) input.requires_grad = true;
        entry.Call(module, inputs)[0].square().sum().backward();
        foreach (var input in inputs.Where(x => x.is_floating_point())) Assert.True(input.grad is not null, $"{name}: no gradient reached the input");
        foreach (var (key, parameter) in module.named_parameters()) Assert.True(parameter.grad is not null, $"{name}: no gradient reached {key}");
    }

    [Theory, MemberData(nameof(Names))]
    public void Layer_LeavesNoTensorBehind(string name)
    {
        var (oracle, entry) = (Oracle(name), LayerCatalogue.All[name]);
        using (var scope = NewDisposeScope())
        {
            using var module = entry.Make();
            var inputs = Inputs(name, oracle);
            foreach (var output in entry.Call(module, inputs)) output.Dispose();
            var before = scope.DisposablesCount;
            foreach (var output in entry.Call(module, inputs)) output.Dispose();
            Assert.Equal(before, scope.DisposablesCount);
        }
    }
}
