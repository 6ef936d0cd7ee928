using System;
using System.Collections.Generic;
using System.Linq;
using Hybrid.PropertyTests.Engine.Oracles;
using TorchSharp.Modules;
using Xunit;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;
using static TorchSharp.torch.optim;

namespace Hybrid.PropertyTests.Engine.Optimisers;

/// <summary>Every schedule against PyTorch's learning rates and momenta.</summary>
public class ScheduleTests
{
    private static readonly Dictionary<string, Func<Optimizer, lr_scheduler.LRScheduler>> Schedules = new()
    {
        ["StepLR"] = o => lr_scheduler.StepLR(o, 4, 0.3),
        ["MultiStepLR"] = o => lr_scheduler.MultiStepLR(o, [3, 7, 7, 15], 0.5),
        ["ExponentialLR"] = o => lr_scheduler.ExponentialLR(o, 0.9),
        ["CosineAnnealingLR"] = o => lr_scheduler.CosineAnnealingLR(o, 20, 1e-3),
        ["ConstantLR"] = o => lr_scheduler.ConstantLR(o, 0.25, 6),
        ["LinearLR"] = o => lr_scheduler.LinearLR(o, 0.1, 0.8, 8),
        ["PolynomialLR"] = o => lr_scheduler.PolynomialLR(o, 12, 2.0),
        ["LambdaLR"] = o => lr_scheduler.LambdaLR(o, e => 1.0 / (1 + e)),
        ["MultiplicativeLR"] = o => lr_scheduler.MultiplicativeLR(o, e => e % 2 == 1 ? 0.9 : 0.95),
        ["OneCycleLR"] = o => lr_scheduler.OneCycleLR(o, 0.4, total_steps: 25),
        ["OneCycleLR linear three phase"] = o => lr_scheduler.OneCycleLR(o, 0.4, epochs: 5, steps_per_epoch: 5, pct_start: 0.2,
            anneal_strategy: lr_scheduler.impl.OneCycleLR.AnnealStrategy.Linear, three_phase: true),
        ["CyclicLR"] = o => lr_scheduler.CyclicLR(o, 0.01, 0.2, 4, 6, lr_scheduler.impl.CyclicLR.Mode.Triangular2),
        ["SequentialLR"] = o => lr_scheduler.SequentialLR(o, [lr_scheduler.LinearLR(o, 0.1, total_iters: 5), lr_scheduler.ExponentialLR(o, 0.8)], [5]),
        ["ChainedLR"] = o => lr_scheduler.ChainedLR([lr_scheduler.ConstantLR(o, 0.5, 4), lr_scheduler.ExponentialLR(o, 0.9)]),
    };

    public static IEnumerable<TheoryDataRow<string>> Names => Schedules.Keys.Select(name => new TheoryDataRow<string>(name));

    [Theory, MemberData(nameof(Names))]
    public void Schedule_HasPyTorchsRatesAndMomenta(string name)
    {
        using var scope = NewDisposeScope();
        var oracle = SameNumbers.Root.GetProperty("schedules").GetProperty(name);
        using var optimiser = SGD([Parameter(zeros(1))], 0.1, momentum: 0.9);
        var scheduler = Schedules[name](optimiser);
        var (rates, momenta) = (oracle.GetProperty("lr").Doubles(), oracle.GetProperty("momentum").Doubles());
        var group = (SGD.ParamGroup)optimiser.ParamGroups.Single();
        for (var step = 0; step < rates.Length; step++)
        {
            SameNumbers.AssertClose(rates[step], group.LearningRate, 1e-12, 1e-17, $"{name}, rate at step {step}");
            SameNumbers.AssertClose(momenta[step], group.Momentum, 1e-12, 0, $"{name}, momentum at step {step}");
            Assert.Equal([group.LearningRate], scheduler.get_last_lr());
            optimiser.step();
            if (step + 1 < rates.Length) scheduler.step();
        }
    }

    [Theory]
    [InlineData("ReduceLROnPlateau", "min", "rel")]
    [InlineData("ReduceLROnPlateau max", "max", "abs")]
    public void Plateau_HasPyTorchsRates(string name, string mode, string thresholdMode)
    {
        using var scope = NewDisposeScope();
        var oracle = SameNumbers.Root.GetProperty("schedules").GetProperty(name);
        using var optimiser = SGD([Parameter(zeros(1))], 0.1);
        var scheduler = lr_scheduler.ReduceLROnPlateau(optimiser, mode, 0.5, 2, 1e-3, thresholdMode, 1);
        foreach (var (metric, rate) in oracle.GetProperty("metrics").Doubles().Zip(oracle.GetProperty("lr").Doubles()))
        {
            scheduler.step(metric);
            SameNumbers.AssertClose(rate, optimiser.ParamGroups.Single().LearningRate, 1e-12, 0, $"{name} at metric {metric}");
        }
    }

    [Fact]
    public void OneCycle_MovesAdamsBeta1()
    {
        using var scope = NewDisposeScope();
        using var optimiser = Adam([Parameter(zeros(1))]);
        var scheduler = lr_scheduler.OneCycleLR(optimiser, 0.1, total_steps: 11, pct_start: 0.5);
        var group = (Adam.ParamGroup)optimiser.ParamGroups.Single();
        Assert.Equal((0.95, 0.999), group.Betas);
        for (var i = 0; i < 5; i++) scheduler.step();
        Assert.True(group.Betas.Item1 < 0.86, $"beta1 is {group.Betas.Item1} near the largest rate");
    }

    [Fact]
    public void ClosedForm_AgreesWithTheRecursion()
    {
        using var scope = NewDisposeScope();
        foreach (var name in new[] { "StepLR", "MultiStepLR", "ExponentialLR", "CosineAnnealingLR", "ConstantLR", "LinearLR", "PolynomialLR", "LambdaLR" })
        {
            using var one = SGD([Parameter(zeros(1))], 0.1);
            using var two = SGD([Parameter(zeros(1))], 0.1);
            var (recursive, jumping) = (Schedules[name](one), Schedules[name](two));
            for (var epoch = 1; epoch <= 11; epoch++)
            {
                recursive.step();
                jumping.step(epoch);
                SameNumbers.AssertClose(jumping.get_last_lr().Single(), recursive.get_last_lr().Single(), 1e-10, 1e-15, $"{name}, epoch {epoch}");
            }
        }
    }

    [Fact]
    public void WrongUse_IsNamed()
    {
        using var scope = NewDisposeScope();
        using var optimiser = SGD([Parameter(zeros(1))], 0.1);
        Assert.StartsWith("ReduceLROnPlateau: expected mode 'min' or 'max', got 'least'.", Assert.Throws<ArgumentException>(() => lr_scheduler.ReduceLROnPlateau(optimiser, "least")).Message);
        Assert.Equal("ReduceLROnPlateau.step: expected the metric to watch, as step(metric), got none.",
            Assert.Throws<InvalidOperationException>(() => lr_scheduler.ReduceLROnPlateau(optimiser).step()).Message);
        Assert.StartsWith("SequentialLR: expected one milestone fewer than schedulers, got 2 and 1.",
            Assert.Throws<ArgumentException>(() => lr_scheduler.SequentialLR(optimiser, [lr_scheduler.StepLR(optimiser, 1)], [1, 2])).Message);
        var cycle = lr_scheduler.OneCycleLR(optimiser, 0.1, total_steps: 2);
        cycle.step();
        cycle.step();
        Assert.Equal("OneCycleLR: stepped 3 times; the cycle has 2 steps.", Assert.Throws<InvalidOperationException>(cycle.step).Message);
    }
}
