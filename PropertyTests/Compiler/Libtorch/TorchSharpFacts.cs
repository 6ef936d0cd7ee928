using System;
using System.IO;
using System.Linq;
using System.Runtime.InteropServices;
using TorchSharp;
using TorchSharp.Modules;
using Xunit;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace Hybrid.PropertyTests.Compiler.Libtorch;

/// <summary>
/// What we lean on or work around in TorchSharp 0.107. A test that fails here says that upstream changed it, and names what may change with
/// it.
/// </summary>
[Collection(nameof(Running.Tensors))]
public sealed class TorchSharpFacts
{
    private static float[] Numbers(Tensor tensor) => tensor.detach().contiguous().data<float>().ToArray();

    // Linear's ensemble form multiplies and adds in two operations for this reason.
    [Fact]
    public void Baddbmm_SwapsItsFirstTwoArguments()
    {
        using var scope = NewDisposeScope();
        var (bias, x, y) = (full([1, 1, 1], 10f), full([1, 1, 1], 2f), full([1, 1, 1], 3f));
        Assert.Equal(10 * 2 + 3, torch.baddbmm(bias, x, y).item<float>()); // 10 + 2 · 3 would be right
    }

    [Fact]
    public void Unflatten_TakesNoNegativeAxis()
        => Assert.ThrowsAny<Exception>(() => ones(2, 6).unflatten(-1, 2, 3));

    // OptimiserStep opens a dispose scope for this, and a fit's end too.
    [Fact]
    public void ZeroGrad_LeavesATensorAParameter()
    {
        using var network = Linear(2, 3);
        using var optimiser = optim.Adam(network.parameters());
        using (NewDisposeScope()) network.forward(ones(1, 2)).sum().backward();
        var before = Tensor.TotalCount;
        optimiser.zero_grad();
        Assert.Equal(before + 2, Tensor.TotalCount);
    }

    // MAML and the IMNN's simulators give retain_graph: true beside it.
    [Fact]
    public void CreateGraph_FreesTheGraphUnlessItIsRetained()
    {
        using var scope = NewDisposeScope();
        var x = tensor(2f, requires_grad: true);
        var y = x.pow(3);
        var gradient = autograd.grad([y], [x], create_graph: true)[0];
        Assert.Contains("second time", Assert.Throws<ExternalException>((y + gradient).backward).Message);
        x = tensor(2f, requires_grad: true);
        y = x.pow(3);
        gradient = autograd.grad([y], [x], create_graph: true, retain_graph: true)[0];
        (y + gradient).backward();
        Assert.Equal(12f + 12f, x.grad!.item<float>());
    }

    [Fact]
    public void UnusedInput_HasAnInvalidTensorAsGradient()
    {
        using var scope = NewDisposeScope();
        var (x, unused) = (ones(2, requires_grad: true), ones(2, requires_grad: true));
        var gradients = autograd.grad([x.square().sum()], [x, unused], allow_unused: true);
        Assert.True(gradients[1] is { IsInvalid: true });
    }

    // Networks give Parameter a tensor that nothing else holds.
    [Fact]
    public void Parameter_EmptiesTheTensorItIsMadeOf()
    {
        var source = ones(2);
        using var parameter = new Parameter(source);
        Assert.True(source.IsInvalid);
    }

    // Weights/DatFile reads .dat files for these two.
    [Fact]
    public void FailedLoad_LeavesHalfLoadedWeights()
    {
        using var saved = Linear(2, 2);
        using var loaded = Linear(2, 2);
        using var stream = new MemoryStream();
        saved.save(stream);
        var before = Numbers(loaded.weight!);
        Assert.ThrowsAny<Exception>(() => loaded.load(new MemoryStream(stream.ToArray()[..^3])));
        Assert.NotEqual(before, Numbers(loaded.weight!));
    }

    [Fact]
    public void Save_RefusesAParameterThatIsNotContiguous()
    {
        using var holder = new Holder();
        Assert.ThrowsAny<Exception>(() => holder.save(new MemoryStream()));
    }

    private sealed class Holder : Module
    {
        private readonly Parameter _weight = new(ones(2, 3).t());

        public Holder() : base(nameof(Holder)) => RegisterComponents();
    }

    // Generated networks give a shared layer one key and say so.
    [Fact]
    public void SharedModule_HasOneKey()
    {
        var layer = Linear(2, 2);
        using var network = Sequential(layer, ReLU(), layer);
        Assert.Equal(["0.weight", "0.bias"], network.state_dict().Keys);
    }

    // ModuleName cuts this.
    [Fact]
    public void ModulesMadeInCpp_HaveAName_OfCpp()
    {
        using var network = Sequential(ReLU());
        Assert.Equal("torch::nn::SequentialImpl", network.GetName());
    }

    // LibtorchMessage cuts these.
    [Fact]
    public void Messages_CarryFramesOfCpp()
    {
        var message = Assert.Throws<ExternalException>(() => ones(2).add(ones(3))).Message;
        Assert.StartsWith("The size of tensor a (2) must match the size of tensor b (3) at non-singleton dimension 0", message);
        Assert.Contains("frame #0", message);
    }

    // RefutedIffThrown and others ask scripts, FusedAdam its kernel.
    [Fact]
    public void Scripts_ThrowAndReachOperatorsWithoutAMethod()
    {
        using var script = jit.compile(
            "def product(x, y):\n  return torch.matmul(x, y)\n\ndef zero(x: List[Tensor]):\n  torch._foreach_zero_(x)\n  return 0\n");
        Assert.Contains(
            "cannot be multiplied", Assert.ThrowsAny<Exception>(() => script.invoke("product", ones(2, 3), ones(4, 5))).Message);
        var x = ones(2);
        script.invoke("zero", [new[] { x }]);
        Assert.Equal([0f, 0f], Numbers(x));
    }

    // GroupNorm's weights are set in generated constructors.
    [Fact]
    public void GeneratedGroupNorm_StartsAtOneAndZero()
    {
        for (var round = 0; round < 20; round++)
        {
            using (rand(4096)) { }
            using var network = new Zoo.Literature.Autoencoder();
            foreach (var (name, parameter) in network.named_parameters().Where(p => p.name.Contains("group_norm")))
                Assert.True(
                    Numbers(parameter).All(value => value == (name.EndsWith("weight") ? 1 : 0)),
                    $"round {round}: {name} starts at {string.Join(", ", Numbers(parameter))}");
        }
    }
}
