using System;
using System.Linq;
using TorchSharp;
using Xunit;
using static TorchSharp.torch;

namespace Hybrid.PropertyTests.Engine.Kernels;

/// <summary>Results and gradients in single precision against the same arithmetic in double.</summary>
internal static class Precise
{
    public static Tensor Double(Tensor tensor) => tensor.detach().to(ScalarType.Float64);

    /// <summary>Values, then gradients of each leaf, agree.</summary>
    public static void Gradients(Tensor[] singles, Func<Tensor[], Tensor> single, Tensor[] doubles, Func<Tensor[], Tensor> precise)
    {
        using var scope = NewDisposeScope();
        var leaves = singles.Select(t => t.detach().requires_grad_(true)).ToArray();
        var exact = doubles.Select(t => t.detach().requires_grad_(true)).ToArray();
        var value = single(leaves);
        var reference = precise(exact);
        Close(value, reference, "value");
        value.backward();
        reference.backward();
        for (var i = 0; i < leaves.Length; i++) Close(leaves[i].grad!, exact[i].grad!, $"gradient {i}");
    }

    public static void Close(Tensor actual, Tensor expected, string what)
    {
        using var scope = NewDisposeScope();
        Assert.True(actual.shape.SequenceEqual(expected.shape), $"{what}: ({string.Join(", ", actual.shape)}) against ({string.Join(", ", expected.shape)})");
        var difference = (actual.detach().to(ScalarType.Float64) - expected.detach()).abs().max().ToDouble();
        var size = Math.Max(1, expected.detach().abs().max().ToDouble());
        Assert.True(difference <= 2e-4 * size, $"{what}: differs by {difference} of {size}");
    }
}
