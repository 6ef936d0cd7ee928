using System;
using System.Collections.Generic;
using System.Linq;
using System.Text.Json;
using Hybrid.PropertyTests.Engine.Oracles;
using TorchSharp.Modules;
using Xunit;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace Hybrid.PropertyTests.Engine.Modules;

/// <summary>For a fixed seed, the same initial weights as PyTorch's bit for bit, and the same ten losses to 1e-5.</summary>
public class SameTrainingTests
{
    private static readonly Dictionary<string, Func<IEnumerable<Parameter>, optim.Optimizer>> Optimisers = new()
    {
        ["SGD"] = p => optim.SGD(p, 0.05),
        ["SGD momentum"] = p => optim.SGD(p, 0.02, momentum: 0.9, dampening: 0.1, weight_decay: 1e-3),
        ["SGD nesterov"] = p => optim.SGD(p, 0.02, momentum: 0.9, weight_decay: 1e-3, nesterov: true),
        ["Adam"] = p => optim.Adam(p, 3e-3),
        ["Adam amsgrad"] = p => optim.Adam(p, 3e-3, 0.8, 0.95, 1e-6, 1e-2, amsgrad: true),
        ["AdamW"] = p => optim.AdamW(p, 3e-3, weight_decay: 5e-2),
        ["AdamW amsgrad"] = p => optim.AdamW(p, 3e-3, weight_decay: 5e-2, amsgrad: true),
        ["RMSProp"] = p => optim.RMSProp(p, 1e-3),
        ["RMSProp centered"] = p => optim.RMSProp(p, 1e-3, momentum: 0.5, centered: true, weight_decay: 1e-3),
    };

    [Fact]
    public void Mlp_HasPyTorchsWeightsAndLosses() => Check("mlp", Networks.Mlp, () => (randn(64, 52), randn(64, 2)), (y, t) => functional.mse_loss(y, t));

    [Fact]
    public void SmallResNet_HasPyTorchsWeightsAndLosses()
        => Check("resnet", () => new SmallResNet(), () => (randn(8, 3, 16, 16), randint(4, [8])), (y, t) => functional.cross_entropy(y, t));

    private static void Check(string name, Func<Module<Tensor, Tensor>> make, Func<(Tensor, Tensor)> inputs, Func<Tensor, Tensor, Tensor> loss)
    {
        using var scope = NewDisposeScope();
        var expected = SameNumbers.Root.GetProperty(name);
        var seed = expected.GetProperty("seed").GetInt64();
        manual_seed(seed);
        using var model = make();
        var (x, target) = inputs();
        SameNumbers.AssertState(expected.GetProperty("weights"), model.state_dict(), name);
        Assert.Equal(expected.GetProperty("input").GetString(), SameNumbers.Digest(x));
        Assert.Equal(expected.GetProperty("target").GetString(), SameNumbers.Digest(target));
        var initial = model.state_dict().ToDictionary(pair => pair.Key, pair => pair.Value.detach().clone());

        Assert.Equal(Optimisers.Keys.Order(), expected.GetProperty("losses").EnumerateObject().Select(p => p.Name).Order());
        foreach (var (optimiserName, makeOptimiser) in Optimisers)
        {
            model.load_state_dict(initial);
            manual_seed(seed + 1);
            using var optimiser = makeOptimiser(model.parameters());
            var wanted = expected.GetProperty("losses").GetProperty(optimiserName).Doubles();
            for (var step = 0; step < wanted.Length; step++)
            {
                using var inner = NewDisposeScope();
                if (step == 0) model.zero_grad(); // gradients of the optimiser before
                optimiser.zero_grad();
                var value = loss(model.call(x), target);
                value.backward();
                optimiser.step();
                SameNumbers.AssertClose(wanted[step], value.item<float>(), 1e-5, 0, $"{name}, {optimiserName}, loss {step}");
            }
        }
    }
}
