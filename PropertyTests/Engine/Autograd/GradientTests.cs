using System;
using System.Collections.Generic;
using System.Linq;
using System.Runtime.InteropServices;
using FsCheck;
using FsCheck.Fluent;
using TorchSharp;
using Xunit;
using static TorchSharp.torch;

namespace Hybrid.PropertyTests.Engine.Autograd;

/// <summary>Gradients against central differences in float64, first and second order.</summary>
public sealed class GradientTests
{
    public static TheoryData<string, Func<Tensor, Tensor>> Functions() => new()
    {
        { "polynomial", x => ((x * x * 0.5) - (3 * x)).sum() },
        { "quotient", x => (1.0 / (x.square() + 1)).sum() },
        { "product of matrices", x => x.reshape(2, 3).matmul(x.reshape(3, 2)).square().sum() },
        { "softmax", x => (x.softmax(0) * arange(6, float64)).sum() },
        { "log determinant", x => { using var s = NewDisposeScope(); var m = x.reshape(2, 3); return (m.matmul(m.t()) + eye(2, dtype: float64)).logdet().MoveToOuterDisposeScope(); } },
        { "activations", x => (nn.functional.silu(x) + x.tanh() + nn.functional.softplus(x) + x.sigmoid() + nn.functional.elu(x, 1.0)).sum() },
        { "norm", x => nn.functional.layer_norm(x.reshape(2, 3), [3]).pow(3).sum() },
        // Of three observations alone the determinant can be 1e-4, where central differences are of no use.
        { "covariance", x => (x.reshape(2, 3).cov() + eye(2, dtype: float64)).logdet() },
        { "special functions", x => ((x.square() + 1).lgamma() + x.erf() + (x.square() + 0.5).log()).sum() },
    };

    [Theory]
    [MemberData(nameof(Functions), DisableDiscoveryEnumeration = true)]
    public void Gradients_EqualFiniteDifferences(string name, Func<Tensor, Tensor> function) => Check.One(
        Seeded.Cases(15),
        Prop.ForAll(Gen.Choose(-2000, 2000).ListOf(6).Where(v => v.Distinct().Count() == 6).ToArbitrary(), values =>
        {
            using var scope = NewDisposeScope();
            var x = tensor(values.Select(v => v / 1000.0).ToArray(), requires_grad: true);
            var g = autograd.grad([function(x)], [x], create_graph: true, retain_graph: true)[0];
            var direction = tensor(new double[] { 0.3, -0.7, 0.2, 0.5, -0.1, 0.4 });
            var second = autograd.grad([(g * direction).sum()], [x], allow_unused: true)[0];
            var numeric = Differences(function, x, (f, at) => f(at).item<double>());
            Close(numeric, g.detach().data<double>().ToArray(), name, "first");
            var secondNumeric = Differences(function, x, (f, at) =>
            {
                var leaf = at.detach().clone().requires_grad_();
                return (autograd.grad([f(leaf)], [leaf])[0] * direction).sum().item<double>();
            });
            Close(secondNumeric, second.data<double>().ToArray(), name, "second");
            return true;
        }));

    [Fact]
    public void Backward_Accumulates_AndZeroingStartsAnew()
    {
        using var scope = NewDisposeScope();
        var w = tensor(new[] { 2f, 3f }, requires_grad: true);
        Assert.Null(w.grad);
        (w * w).sum().backward();
        (w * w).sum().backward();
        Assert.Equal([8f, 12f], w.grad!.data<float>().ToArray());
        w.grad = null!;
        Assert.Null(w.grad);
        (w * 5).backward([tensor(new[] { 1f, 10f })]);
        Assert.Equal([5f, 50f], w.grad!.data<float>().ToArray());
    }

    [Fact]
    public void Grad_FollowsTorchSharp_OnRetainingAndUnused()
    {
        using var scope = NewDisposeScope();
        var (x, unused) = (ones(2, requires_grad: true), ones(2, requires_grad: true));
        var y = x.exp().sum();
        // create_graph alone frees the graph, as in TorchSharp 0.107.
        autograd.grad([y], [x], create_graph: true);
        Assert.Contains("second time", Assert.Throws<ExternalException>(() => autograd.grad([y], [x])).Message, StringComparison.Ordinal);
        var z = x.square().sum();
        Assert.Contains("not have been used in the graph", Assert.Throws<ExternalException>(() => autograd.grad([z], [x, unused], retain_graph: true)).Message, StringComparison.Ordinal);
        var found = autograd.grad([z], [x, unused], allow_unused: true);
        Assert.Equal([2f, 2f], found[0].data<float>().ToArray());
        Assert.Null(found[1]);
        Assert.Null(x.grad);
    }

    [Fact]
    public void Modes_NestAndEnd()
    {
        using var scope = NewDisposeScope();
        var x = ones(2, requires_grad: true);
        Assert.True(is_grad_enabled());
        using (no_grad())
        {
            Assert.False((x * 2).requires_grad);
            using (enable_grad())
            {
                Assert.True((x * 2).requires_grad);
            }

            Assert.False(is_grad_enabled());
        }

        using (inference_mode())
        {
            Assert.True(is_inference_mode_enabled());
            Assert.False((x * 2).requires_grad);
        }

        Assert.False(is_inference_mode_enabled());
        Assert.True((x * 2).requires_grad && !(x * 2).is_leaf && x.is_leaf);
        var nan = tensor(-1.0, requires_grad: true);
        using (autograd.detect_anomaly())
        {
            Assert.True(AnomalyMode.IsEnabled);
            var loss = nan.sqrt() * 0;
            Assert.Contains("returned nan values", Assert.Throws<ExternalException>(() => loss.backward()).Message, StringComparison.Ordinal);
        }

        Assert.False(AnomalyMode.IsEnabled);
    }

    private static double[] Differences(Func<Tensor, Tensor> function, Tensor x, Func<Func<Tensor, Tensor>, Tensor, double> value)
    {
        const double h = 1e-5;
        var at = x.detach().data<double>().ToArray();
        return at.Select((_, i) =>
        {
            double Shifted(double by)
            {
                var moved = (double[])at.Clone();
                moved[i] += by;
                return value(function, tensor(moved));
            }

            return (Shifted(h) - Shifted(-h)) / (2 * h);
        }).ToArray();
    }

    private static void Close(IReadOnlyList<double> expected, IReadOnlyList<double> found, string name, string order)
    {
        var scale = Math.Max(1, expected.Max(Math.Abs));
        for (var i = 0; i < expected.Count; i++)
        {
            Assert.True(Math.Abs(expected[i] - found[i]) <= 1e-5 * scale, $"{name}: {order} derivative {i} is {found[i]}, central differences give {expected[i]}");
        }
    }
}
