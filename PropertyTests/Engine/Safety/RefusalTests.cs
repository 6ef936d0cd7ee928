using System;
using System.Collections.Generic;
using System.Runtime.InteropServices;
using System.Threading.Tasks;
using TorchSharp;
using Xunit;
using static TorchSharp.torch;

namespace Hybrid.PropertyTests.Engine.Safety;

/// <summary>Wrong use throws, says what is wrong in libtorch's words and shows no C++.</summary>
public sealed class RefusalTests
{
    public static TheoryData<string, Action, string> Refusals() => new()
    {
        { "shapes of a product", () => ones(2, 3).matmul(ones(4, 5)), "mat1 and mat2 shapes cannot be multiplied (2x3 and 4x5)" },
        { "shapes of a sum", () => ones(2).add(ones(3)), "The size of tensor a (2) must match the size of tensor b (3) at non-singleton dimension 0" },
        { "types of a product", () => ones(2, 2).mm(ones(2, 2, ScalarType.Float64)), "expected scalar type Float but found Double" },
        { "dimension", () => ones(2).sum(5L), "Dimension out of range (expected to be in range of [-1, 0], but got 5)" },
        { "index", () => { _ = ones(2)[7]; }, "index 7 out of range for tensor of size [2] at dimension 0" },
        { "gather", () => ones(2).gather(0, tensor(new long[] { 9 })), "index 9 is out of bounds for dimension 0 with size 2" },
        { "view", () => ones(6).view(4, 2), "shape '[4, 2]' is invalid for input of size 6" },
        { "singular", () => zeros(2, 2).inverse(), "The diagonal element 1 is zero, the inversion could not be completed because the input matrix is singular" },
        { "not positive definite", () => zeros(2, 2).cholesky(), "is not positive-definite" },
        { "second backward", () => { using var x = ones(2, requires_grad: true); using var y = (x * x).sum(); y.backward(); y.backward(); }, "Trying to backward through the graph a second time" },
        { "gradient of an integer", () => ones(2, ScalarType.Int64, requires_grad: true), "Only Tensors of floating point and complex dtype can require gradients" },
        { "in-place on a leaf", () => ones(2, requires_grad: true).add_(1), "a leaf Variable that requires grad is being used in an in-place operation." },
        { "smallest integer over -1", () => tensor(new[] { int.MinValue }).div(tensor(new[] { -1 }), RoundingMode.floor), "integer division overflows" },
        { "remainder of the smallest integer", () => tensor(new[] { long.MinValue }).remainder(-1L), "integer division overflows" },
        { "integer over zero", () => tensor(new[] { 1 }).floor_divide(tensor(new[] { 0 })), "ZeroDivisionError" },
        { "no such device", () => ones(1).to(new Device(DeviceType.MPS)), "Torch device type MPS did not initialise" },
        { "huge", () => empty(1L << 45), "can't allocate memory" },
        { "negative size", () => empty(-3), "negative dimension -3" },
    };

    [Theory]
    [MemberData(nameof(Refusals), DisableDiscoveryEnumeration = true)]
    public void WrongUse_ThrowsWithLibtorchsMessage(string what, Action use, string message)
    {
        using var scope = NewDisposeScope();
        var thrown = Record.Exception(use);
        Assert.True(thrown is not null, $"{what}: nothing was thrown");
        Assert.True(thrown is ExternalException or InvalidOperationException, $"{what}: threw {thrown.GetType()}");
        Assert.Contains(message, thrown.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("frame #", thrown.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("Exception raised from", thrown.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void ADisposedTensor_RefusesEveryUse()
    {
        var t = ones(3);
        var accessor = t.data<float>();
        t.Dispose();
        t.Dispose();
        Assert.True(t.IsInvalid);
        foreach (var use in new List<Action> { () => t.add(1), () => _ = t.shape, () => _ = t.dtype, () => t.backward(), () => _ = accessor[0], () => ones(3).add(t), () => cat(new[] { t }) })
        {
            var thrown = Assert.Throws<InvalidOperationException>(use);
            Assert.Contains("was disposed", thrown.Message, StringComparison.Ordinal);
        }

        Assert.Equal("[disposed]", t.ToString());
    }

    [Fact]
    public void NullWhereATensorIsNeeded_IsNamed()
    {
        var thrown = Assert.Throws<ExternalException>(() => ones(3).add((Tensor)null!));
        Assert.Contains("argument 'other' takes Tensor, got nothing", thrown.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void ErrorsBelongToTheirThread()
    {
        Parallel.For(2, 10, new ParallelOptions { MaxDegreeOfParallelism = 4 }, n =>
        {
            for (var i = 0; i < 50; i++)
            {
                using var a = ones(n);
                using var b = ones(n + 20);
                var thrown = Assert.Throws<ExternalException>(() => a.add(b));
                Assert.Contains($"tensor a ({n}) must match the size of tensor b ({n + 20})", thrown.Message, StringComparison.Ordinal);
            }
        });
    }
}
