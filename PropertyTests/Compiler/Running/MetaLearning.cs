using System;
using System.Collections.Generic;
using System.Linq;
using Hybrid.PropertyTests.Zoo;
using TorchSharp;
using Xunit;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace Hybrid.PropertyTests.Compiler.Running;

/// <summary>
/// Functional weights make second-order meta-learning a few lines: an inner step through which the outer gradient flows. Finn et al. 2017.
/// </summary>
[Collection(nameof(Tensors))]
public sealed class MetaLearning
{
    private const double Rate = 0.05;

    private static Tensor Loss(SineRegressor.Weights weights, (Tensor X, Tensor Y) task)
        => functional.mse_loss(SineRegressor.Forward(weights, task.X), task.Y);

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
        Assert.True(
            Math.Abs(exact - difference) <= 1e-6 * Math.Max(1, Math.Abs(exact)), $"outer gradient {exact}, finite difference {difference}");

        // Without the second order it is another number: the check would see a cut graph.
        var adapted = Adapt(weights, support, steps).Map(p => p.detach().requires_grad_(true));
        var cut = autograd.grad([Loss(adapted, query)], [.. adapted.Parameters]).Zip(direction, (g, d) => (g * d).sum().ToDouble()).Sum();
        Assert.True(Math.Abs(cut - exact) > 1e-3 * Math.Abs(exact), $"first and second order agree: {cut}, {exact}");
    }

    /// <summary>
    /// Tasks a·sin(x + φ) with a ~ U(0.5, 2.5) and φ ~ U(0, π), ten points each (Finn et al. 2017, section 5.1, with amplitudes closer to
    /// each other). Whatever does not adapt predicts at best the mean over tasks, E[a]·(2/π)·cos x, and errs by E[a²]/2 −
    /// E[a]²·(2/π)²·E[cos² x] = 0.86 for x ~ U(−5, 5). One inner step must undo more than half of that on new tasks, where before
    /// meta-training it undoes nothing.
    /// </summary>
    [Fact]
    public void MetaTraining_LearnsToAdapt()
    {
        const double least = 0.5, most = 2.5;
        const double squares = ((most * most) + (most * least) + (least * least)) / 3, mean = (least + most) / 2;
        var unadapted = (squares / 2) - (mean * mean * 4 / (Math.PI * Math.PI) * (0.5 + (Math.Sin(10) / 20)));
        using var scope = NewDisposeScope();
        manual_seed(8);
        var module = new SineRegressor(dtype: ScalarType.Float64);
        var weights = SineRegressor.Weights.Of(module);
        var optimiser = optim.Adam(module.parameters(), 5e-3);
        var random = new Random(8);
        Tensor After(int steps)
        {
            var (amplitude, phase) = (least + ((most - least) * random.NextDouble()), Math.PI * random.NextDouble());
            return Loss(Adapt(weights, Sine(amplitude, phase, 10), steps), Sine(amplitude, phase, 20));
        }
        double Score(int steps) => Enumerable.Range(0, 100).Average(_ =>
        {
            using var inner = NewDisposeScope();
            return After(steps).ToDouble();
        });
        Assert.True(Score(steps: 1) > 0.8 * Score(steps: 0), "a network that has learnt nothing adapts in one step");
        for (var i = 0; i < 250; i++)
        {
            using var inner = NewDisposeScope();
            optimiser.zero_grad();
            for (var task = 0; task < 4; task++) (After(steps: 1) / 4).backward();
            optimiser.step();
        }
        var (still, adapted) = (Score(steps: 0), Score(steps: 1));
        // The tasks of the score are drawn: their mean is off by a tenth or so.
        Assert.True(still > 0.7 * unadapted, $"without a step the loss is {still}, below what is possible, {unadapted}");
        Assert.True(adapted < unadapted / 2, $"the loss after one inner step is {adapted}; without any it cannot be below {unadapted}");
    }
}
