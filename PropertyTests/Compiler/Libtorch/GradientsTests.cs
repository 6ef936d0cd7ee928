using System;
using Hybrid.Models.Engine;
using TorchSharp;
using Xunit;
using static TorchSharp.torch;

namespace Hybrid.PropertyTests.Compiler.Libtorch;

/// <summary>Gradients.Of gives derivatives and throws where TorchSharp's autograd.grad would end the process.</summary>
[Collection(nameof(Running.Tensors))]
public sealed class GradientsTests
{
    private static float[] Numbers(Tensor tensor) => tensor.detach().data<float>().ToArray();

    [Fact]
    public void First_SecondAndUnused()
    {
        using var scope = NewDisposeScope();
        var (x, unused) = (tensor(new[] { 2f, 3f }, requires_grad: true), ones(4, requires_grad: true));
        var y = x.pow(3);
        var first = Gradients.Of([y], [x, unused], [ones_like(y)], createGraph: true);
        Assert.Equal([12f, 27f], Numbers(first[0]));
        Assert.Equal([0f, 0f, 0f, 0f], Numbers(first[1]));
        var second = Gradients.Of([first[0]], [x], [ones_like(y)])[0];
        Assert.Equal([12f, 18f], Numbers(second));
        Assert.Equal([12f, 27f], Numbers(Gradients.Of([y], [x], [ones_like(y)])[0])); // the graph is still there
    }

    [Fact]
    public void Refusals_AreMessagesOfOneLine()
    {
        using var scope = NewDisposeScope();
        var x = ones(2, requires_grad: true);
        string Refusal(Tensor y) => Assert.Throws<InvalidOperationException>(() => Gradients.Of([y], [x], [ones_like(y)])).Message;
        Assert.Equal("Gradients.Of: element 0 of tensors does not require grad and does not have a grad_fn", Refusal(ones(2)));
        var changed = (x * 2).exp();
        changed.mul_(2);
        Assert.StartsWith(
            "Gradients.Of: one of the variables needed for gradient computation has been modified by an inplace operation",
            Refusal(changed));
        var freed = x.exp().sum();
        freed.backward();
        Assert.StartsWith("Gradients.Of: Trying to backward through the graph a second time", Refusal(freed));
        Assert.DoesNotContain("frame #", Refusal(freed));
        Assert.Equal(
            "Gradients.Of: expected a cotangent for each of 1 outputs, got 0. (Parameter 'cotangents')",
            Assert.Throws<ArgumentException>(() => Gradients.Of([freed], [x], [])).Message);
    }

    [Fact]
    public void Calls_LeaveNoTensor()
    {
        using var x = ones(3, requires_grad: true);
        void Call()
        {
            using var scope = NewDisposeScope();
            var y = x.square();
            Gradients.Of([y], [x], [ones_like(y)]);
        }
        Call();
        var before = Tensor.TotalCount;
        for (var i = 0; i < 20; i++) Call();
        Assert.Equal(before, Tensor.TotalCount);
    }
}
