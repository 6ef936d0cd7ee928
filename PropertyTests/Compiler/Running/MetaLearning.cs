using System;
using System.Collections.Generic;
using System.Linq;
using Hybrid.PropertyTests.Zoo;
using TorchSharp;
using Xunit;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace Hybrid.PropertyTests.Compiler.Running;

/// <summary>Functional weights make second-order meta-learning a few lines: an inner step through which the outer gradient flows. Finn et al. 2017.</summary>
[Collection(nameof(Tensors))]
public sealed class MetaLearning
{
    private const double Rate = 0.02;

    private static Tensor Loss(SineRegressor.Weights weights, (Tensor X, Tensor Y) task) => functional.mse_loss(SineRegressor.Forward(weights, task.X), task.Y);

    /// <summary>The weights after inner steps of gradient descent on a task.</summary>
    private static SineRegressor.Weights Adapt(SineRegressor.Weights weights, (Tensor, Tensor) task, int steps)
    {
        for (var step = 0; step < steps; step++)
        {
            var gradients = autograd.grad([Loss(weights, task)], [.. weights.Parameters], create_graph: true, retain_graph: true);
            weights = weights.Zip([.. gradients], (parameter, gradient) => parameter - (gradient * Rate));
        }
        return weights;
    }

    private static (Tensor X, Tensor Y) Sine(double amplitude, double phase, int count)
    {
        var x = (rand(count, 1, ScalarType.Float64) * 10) - 5;
        return (x, (x + phase).sin() * amplitude);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    public void TheOuterGradient_IsTheFiniteDifference(int steps)
    {
        using var scope = NewDisposeScope();
        manual_seed(7);
        var weights = SineRegressor.Weights.Of(new SineRegressor(dtype: ScalarType.Float64));
        var (support, query) = (Sine(2, 0.4, 10), Sine(2, 0.4, 10));
        Tensor Outer(SineRegressor.Weights of) => Loss(Adapt(of, support, steps), query);
        var gradient = autograd.grad([Outer(weights)], [.. weights.Parameters]);
        var direction = weights.Parameters.Select(p => randn_like(p.detach())).ToArray();
        var exact = gradient.Zip(direction, (g, d) => (g * d).sum().ToDouble()).Sum();
        const double step = 1e-5;
        double At(double t) => Outer(weights.Zip(direction, (p, d) => (p.detach() + (d * t)).requires_grad_(true))).ToDouble();
        var difference = (At(step) - At(-step)) / (2 * step);
        Assert.True(Math.Abs(exact - difference) <= 1e-6 * Math.Max(1, Math.Abs(exact)), $"outer gradient {exact}, finite difference {difference}");

        // Without the second order it is another number: the check would see a cut graph.
        var adapted = Adapt(weights, support, steps).Map(p => p.detach().requires_grad_(true));
        var cut = autograd.grad([Loss(adapted, query)], [.. adapted.Parameters]).Zip(direction, (g, d) => (g * d).sum().ToDouble()).Sum();
        Assert.True(Math.Abs(cut - exact) > 1e-3 * Math.Abs(exact), $"first and second order agree: {cut}, {exact}");
    }

    /// <summary>Meta-training makes one inner step on ten points worth more: the loss after it falls by more than a third.</summary>
    [Fact]
    public void MetaTraining_LearnsToAdapt()
    {
        using var scope = NewDisposeScope();
        manual_seed(8);
        var module = new SineRegressor(dtype: ScalarType.Float64);
        var weights = SineRegressor.Weights.Of(module);
        var optimiser = optim.Adam(module.parameters(), 5e-3);
        var random = new Random(8);
        double Step(bool learn)
        {
            using var inner = NewDisposeScope();
            var (amplitude, phase) = (0.5 + (2 * random.NextDouble()), Math.PI * random.NextDouble());
            var loss = Loss(Adapt(weights, Sine(amplitude, phase, 10), 1), Sine(amplitude, phase, 20));
            if (!learn) return loss.ToDouble();
            optimiser.zero_grad();
            loss.backward();
            optimiser.step();
            return loss.ToDouble();
        }
        double Score() => Enumerable.Range(0, 60).Average(_ => Step(learn: false));
        var before = Score();
        for (var i = 0; i < 600; i++) Step(learn: true);
        var after = Score();
        Assert.True(after < 0.65 * before, $"the loss after one inner step is {after}, it was {before}");
    }
}
