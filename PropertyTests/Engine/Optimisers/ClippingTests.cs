using System;
using System.Linq;
using Hybrid.PropertyTests.Engine.Oracles;
using TorchSharp;
using Xunit;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace Hybrid.PropertyTests.Engine.Optimisers;

public class ClippingTests
{
    [Theory]
    [InlineData(2.0, "2.0")]
    [InlineData(1.0, "1.0")]
    [InlineData(double.PositiveInfinity, "inf")]
    public void ClipGradNorm_EqualsPyTorchs(double norm, string key)
    {
        using var scope = NewDisposeScope();
        var oracle = SameNumbers.Root.GetProperty("clipping");
        manual_seed(11);
        using var model = Linear(4, 3);
        model.call(randn(5, 4)).square().sum().backward();
        SameNumbers.AssertClose(oracle.GetProperty(key).GetDouble(), utils.clip_grad_norm_(model.parameters(), 0.5, norm), 1e-6, 0, $"{key}-norm");
        SameNumbers.AssertClose(oracle.GetProperty(key + " after").GetDouble(), model.parameters().Sum(p => p.grad!.abs().sum().ToDouble()), 1e-5, 0, "gradients after clipping");
    }

    [Fact]
    public void ClipGradNorm_BelowTheBound_ChangesNothing()
    {
        using var scope = NewDisposeScope();
        using var model = Linear(4, 3);
        model.call(randn(5, 4)).sum().backward();
        var before = model.parameters().Select(p => p.grad!.clone()).ToArray();
        utils.clip_grad_norm_(model.parameters(), 1e6);
        foreach (var (old, now) in before.Zip(model.parameters())) Assert.Equal(SameNumbers.Digest(old), SameNumbers.Digest(now.grad!));
    }

    [Fact]
    public void ClipGradValue_ClampsEachElement()
    {
        using var scope = NewDisposeScope();
        using var model = Linear(4, 3);
        model.call(randn(5, 4)).square().sum().backward();
        var expected = model.parameters().Select(p => p.grad!.clamp(-0.1, 0.1)).ToArray();
        utils.clip_grad_value_(model.parameters(), 0.1);
        foreach (var (old, now) in expected.Zip(model.parameters())) Assert.Equal(SameNumbers.Digest(old), SameNumbers.Digest(now.grad!));
    }

    [Fact]
    public void ParametersToVector_AndBack_KeepsEveryBit()
    {
        using var scope = NewDisposeScope();
        using var model = Sequential(Linear(4, 3), Linear(3, 2));
        var before = model.parameters().Select(SameNumbers.Digest).ToArray();
        var vector = utils.parameters_to_vector(model.parameters());
        Assert.Equal([4 * 3 + 3 + 3 * 2 + 2], vector.shape);
        foreach (var parameter in model.parameters()) init.zeros_(parameter);
        utils.vector_to_parameters(vector.detach(), model.parameters());
        Assert.Equal(before, model.parameters().Select(SameNumbers.Digest));
        Assert.Equal("vector_to_parameters: expected a vector of 23 elements, got (22). (Parameter 'vec')",
            Assert.Throws<ArgumentException>(() => utils.vector_to_parameters(zeros(22), model.parameters())).Message);
    }
}
