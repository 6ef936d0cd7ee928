using System;
using System.IO;
using System.Linq;
using TorchSharp;
using Xunit;
using static TorchSharp.torch;

namespace Hybrid.PropertyTests.Compiler.Running;

/// <summary>A Flipout network is its module as σ → 0, and with its means always.</summary>
internal static class FlipoutLaws
{
    public static void Hold(RunningNetwork network, Tensor[] inputs, Tensor[] outputs)
    {
        var name = network.Graph.Name;
        var type = network.FlipoutType!;
        nn.Module From(double sigma)
            => (nn.Module)RunningNetwork.Invoke(() => type.GetMethod("From")!.Invoke(null, [network.Module, sigma, FlipoutLayers.All]))!;
        Tensor[] Forward(nn.Module module)
            => RunningNetwork.Results(RunningNetwork.Invoke(() => type.GetMethod("forward")!.Invoke(module, [.. inputs]))!);
        void IsDrawn(nn.Module module, bool value) => type.GetProperty("IsDrawn")!.SetValue(module, value);

        var narrow = From(1e-8);
        Assert.False(narrow.training, $"{name}: From takes over the mode");
        Close(Forward(narrow), outputs, 1e-5, $"{name}: σ → 0");
        var wide = From(0.3);
        var draws = Enumerable.Range(0, Draws).Select(_ => Forward(wide)).ToArray();
        IsDrawn(wide, false);
        Close(Forward(wide), outputs, 1e-12, $"{name}: means");
        // Weights may have no effect at all, as those before a softmax over one class: what other weights give says which.
        var other = From(0.3);
        IsDrawn(other, false);
        var matters = Enumerable.Range(0, Draws).Any(_ => Differ(Forward(Disturbed(other, 0.3)), outputs));
        Assert.True(
            draws.Skip(1).Any(draw => Differ(draw, draws[0])) == matters,
            $"{name}: {Draws} draws are {(matters ? "equal" : "different")}, "
            + $"though other weights make {(matters ? "a" : "no")} difference");

        // The module's keys with its numbers, and a rho for each that is drawn.
        var (state, single) = (wide.state_dict(), network.Module.state_dict());
        foreach (var (key, tensor) in single)
            Assert.True(state[key].allclose(tensor, rtol: 0, atol: 0), $"{name}: '{key}' differs from the module's");
        Assert.All(state.Keys.Except(single.Keys), key => Assert.EndsWith("_rho", key));
        var mean = (nn.Module)RunningNetwork.Invoke(() => type.GetMethod("Mean")!.Invoke(wide, []))!;
        Close(network.Forward(mean, inputs), outputs, 0, $"{name}: Mean()");

        using var file = new MemoryStream();
        wide.save(file);
        var loaded = From(0.1);
        loaded.load(new MemoryStream(file.ToArray()));
        foreach (var (key, tensor) in loaded.state_dict())
            Assert.True(tensor.equal(state[key]).all().ToBoolean(), $"{name}: '{key}' is another one after saving and loading");

        wide.to(ScalarType.Float32);
        foreach (var (key, tensor) in wide.state_dict())
            Assert.True(tensor.dtype is ScalarType.Float32 or ScalarType.Int64, $"{name}: '{key}' is {tensor.dtype} after to(Float32)");
    }

    private const int Draws = 6;

    private static bool Differ(Tensor[] some, Tensor[] others)
        => some.Zip(others).Any(pair => !pair.First.allclose(pair.Second, rtol: 1e-9, atol: 1e-12));

    /// <summary>The same module with every weight that is drawn moved by a normal number.</summary>
    private static nn.Module Disturbed(nn.Module module, double deviation)
    {
        const string spread = "_rho";
        using var _ = no_grad();
        var state = module.state_dict();
        foreach (var key in state.Keys.Where(key => key.EndsWith(spread, StringComparison.Ordinal)))
        {
            var weight = state[key[..^spread.Length]];
            weight.add_(randn_like(weight) * deviation);
        }
        return module;
    }

    private static void Close(Tensor[] actual, Tensor[] expected, double tolerance, string what)
    {
        for (var i = 0; i < expected.Length; i++)
        {
            var difference = (actual[i].detach() - expected[i].detach()).abs().max()
                .ToDouble() / Math.Max(1, expected[i].detach().abs().max().ToDouble());
            Assert.True(difference <= tolerance, $"{what}: output {i} differs by {difference}, relative to the largest value");
        }
    }
}
