using System;
using System.Collections.Generic;
using System.Linq;
using Hybrid.Torch;
using TorchSharp;
using Xunit;
using static TorchSharp.torch;

namespace Hybrid.PropertyTests.Engine.Optimisers;

/// <summary>The fused step equals the operations it replaces, one after another.</summary>
public sealed class FusedAdamTests
{
    [Theory]
    [InlineData(ScalarType.Float32, 0.0, false, false, false)]
    [InlineData(ScalarType.Float32, 0.1, false, false, false)]
    [InlineData(ScalarType.Float32, 0.1, true, false, false)]
    [InlineData(ScalarType.Float32, 0.1, true, true, false)]
    [InlineData(ScalarType.Float64, 0.1, false, true, true)]
    [InlineData(ScalarType.Float64, 0.0, true, false, true)]
    public void Step_EqualsTheUnfusedOperations(ScalarType dtype, double weightDecay, bool decoupled, bool amsgrad, bool maximize)
    {
        using var scope = NewDisposeScope();
        const double lr = 3e-3, beta1 = 0.9, beta2 = 0.999, eps = 1e-8;
        using var generator = new Generator(17);
        long[][] shapes = [[3], [17, 5], [1], [200, 333]];
        var parameters = shapes.Select(s => randn(s, dtype, generator: generator).requires_grad_()).ToArray();
        var plain = parameters.Select(p => p.detach().clone()).ToArray();
        Tensor[] Zeros() => shapes.Select(s => zeros(s, dtype)).ToArray();
        var (m, v, big) = (Zeros(), Zeros(), Zeros());
        var (pm, pv, pb) = (Zeros(), Zeros(), Zeros());
        var steps = new long[shapes.Length];
        using var none = no_grad();
        for (var t = 1; t <= 5; t++)
        {
            var gradients = shapes.Select(s => randn(s, dtype, generator: generator)).ToArray();
            for (var i = 0; i < shapes.Length; i++)
            {
                parameters[i].grad = gradients[i];
            }

            Assert.True(FusedAdam.Step(parameters, m, v, amsgrad ? big : null, steps, lr, beta1, beta2, eps, weightDecay, decoupled, maximize), "contiguous CPU tensors must take the fused path");
            for (var i = 0; i < shapes.Length; i++)
            {
                var g = maximize ? gradients[i].neg() : gradients[i];
                if (decoupled)
                {
                    plain[i].mul_(1 - (lr * weightDecay));
                }
                else if (weightDecay != 0)
                {
                    g = g.add(plain[i], weightDecay);
                }

                pm[i].mul_(beta1).add_(g, 1 - beta1);
                pv[i].mul_(beta2).addcmul_(g, g, 1 - beta2);
                var scale = pv[i];
                if (amsgrad)
                {
                    pb[i].copy_(pb[i].maximum(pv[i]));
                    scale = pb[i];
                }

                var denominator = (scale.sqrt() / Math.Sqrt(1 - Math.Pow(beta2, t))).add_(eps);
                plain[i].addcdiv_(pm[i], denominator, -(lr / (1 - Math.Pow(beta1, t))));
                var worst = (parameters[i] - plain[i]).abs().max().to_type(ScalarType.Float64).item<double>();
                Assert.True(worst <= (dtype == ScalarType.Float32 ? 3e-7 : 1e-15), $"step {t}, parameter {i}: fused and unfused differ by {worst}");
            }
        }

        Assert.All(steps, s => Assert.Equal(5, s));
    }

    [Fact]
    public void Step_LeavesParametersWithoutGradientAlone_AndDeclinesOtherTypes()
    {
        using var scope = NewDisposeScope();
        var p = ones(3);
        var steps = new long[1];
        Assert.True(FusedAdam.Step([p], [zeros(3)], [zeros(3)], null, steps, 0.1, 0.9, 0.999, 1e-8, 0, false, false), "nothing to do is done");
        Assert.Equal(0, steps[0]);
        Assert.Equal(new float[] { 1, 1, 1 }, p.data<float>().ToArray());
        var half = ones(3, ScalarType.Float16, requires_grad: true);
        half.grad = ones(3, ScalarType.Float16);
        Assert.False(FusedAdam.Step([half], [zeros(3, ScalarType.Float16)], [zeros(3, ScalarType.Float16)], null, steps, 0.1, 0.9, 0.999, 1e-8, 0, false, false), "half precision is not fused");
        Assert.Equal(0, steps[0]);
    }
}
