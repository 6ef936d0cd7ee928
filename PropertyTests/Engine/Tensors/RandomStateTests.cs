using TorchSharp;
using Xunit;
using static TorchSharp.torch;

namespace Hybrid.PropertyTests.Engine.Tensors;

public sealed class RandomStateTests
{
    [Fact]
    public void TheSameSeed_GivesTheSameNumbers_AndAStateContinuesBitForBit()
    {
        using var scope = NewDisposeScope();
        manual_seed(5);
        var first = randn(100);
        var state = get_rng_state();
        var second = rand(100);
        manual_seed(5);
        Assert.True(first.Equals(randn(100)), "a seed must repeat");
        set_rng_state(state);
        Assert.True(second.Equals(rand(100)), "a restored state must continue as before");
        using var own = new Generator(5);
        Assert.True(first.Equals(randn(100, generator: own)), "a generator of the same seed gives the same numbers");
        var saved = own.get_state();
        var next = randperm(50, generator: own);
        own.set_state(saved);
        Assert.True(next.Equals(randperm(50, generator: own)), "a generator's state continues");
        Assert.Equal(5, own.initial_seed());
    }

    [Fact]
    public void NormalNumbers_AreThoseOfPyTorch()
    {
        // python3-torch 1.13.1: torch.manual_seed(0); torch.randn(3), torch.rand(2), torch.randint(0, 100, (3,))
        using var scope = NewDisposeScope();
        manual_seed(0);
        Assert.Equal([1.5409960746765137f, -0.293428897857666f, -2.1787893772125244f], randn(3).data<float>().ToArray());
    }
}
