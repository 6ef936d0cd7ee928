using System;
using System.Linq;
using Hybrid.PropertyTests.Zoo;
using TorchSharp;
using Xunit;
using static TorchSharp.torch;

namespace Hybrid.PropertyTests.Compiler.Running;

/// <summary>Losses of ensembles, and what an ensemble says of inputs that do not fit.</summary>
[Collection(nameof(Tensors))]
public sealed class EnsembleLosses
{
    [Fact]
    public void ALossOfAnEnsemble_IsALoopOverItsMembers()
    {
        using var scope = NewDisposeScope();
        manual_seed(3);
        var (mean, variance, target) = (
            randn(4, 7, ScalarType.Float64), rand(4, 7, ScalarType.Float64) + 0.5, randn(4, 7, ScalarType.Float64));
        var losses = GaussianNll.ValueEnsemble(mean, variance, target);
        Assert.Equal([4], losses.shape);
        for (var m = 0; m < 4; m++)
            Assert.Equal(GaussianNll.Value(mean[m], variance[m], target[m]).ToDouble(), losses[m].ToDouble(), 1e-12);

        var shared = GaussianNll.ValueEnsemble(mean, variance, target[0]);
        for (var m = 0; m < 4; m++)
            Assert.Equal(GaussianNll.Value(mean[m], variance[m], target[0]).ToDouble(), shared[m].ToDouble(), 1e-12);

        var summaries = randn(4, 30, 2, ScalarType.Float64);
        var determinants = LogDeterminant.ValueEnsemble(summaries);
        for (var m = 0; m < 4; m++) Assert.Equal(LogDeterminant.Value(summaries[m]).ToDouble(), determinants[m].ToDouble(), 1e-9);
    }

    [Fact]
    public void InputsThatDoNotFit_AreNamed()
    {
        using var scope = NewDisposeScope();
        var ensemble = new LeNet.Ensemble(3);
        string Message(Action action) => Assert.Throws<ArgumentException>(action).Message;
        Assert.Equal(
            "LeNet.Ensemble.forward: expected image (B, 1, 28, 28), got (28, 28): the rank must be 4, or 5 with a leading axis of members.",
            Message(() => ensemble.forward(zeros(28, 28))));
        Assert.Equal(
            "LeNet.Ensemble.forward: expected image (B, 1, 28, 28), got (2, 5, 1, 28, 28): the leading axis must be the 3 members.",
            Message(() => ensemble.forward(zeros([2, 5, 1, 28, 28]))));
        Assert.Equal(
            "LeNet.Ensemble.forward: expected image (B, 1, 28, 28), got (5, 3, 28, 28): axis 1 must be 1.",
            Message(() => ensemble.forward(zeros(5, 3, 28, 28))));
        Assert.Equal(
            "GaussianNll.ValueEnsemble: no input has a leading axis of members; one member's loss is GaussianNll.Value(…).",
            Message(() => GaussianNll.ValueEnsemble(zeros(3), ones(3), zeros(3))));
        Assert.StartsWith(
            "LeNet.Ensemble has the members 0 to 2", Assert.Throws<ArgumentOutOfRangeException>(() => ensemble.Member(3)).Message);
        Assert.StartsWith(
            "LeNet.Ensemble: expected at least 1 member", Assert.Throws<ArgumentOutOfRangeException>(() => new LeNet.Ensemble(0)).Message);
        Assert.StartsWith("LeNet.Ensemble: expected at least 1 member, got none", Message(() => LeNet.Ensemble.Of([])));
        Assert.StartsWith(
            "MeanVariance.Ensemble: members differ in hidden: 5 and 6",
            Message(() => MeanVariance.Ensemble.Of([new MeanVariance(5), new MeanVariance(6)])));
    }

    [Fact]
    public void DropoutDrawsForEachMember()
    {
        using var scope = NewDisposeScope();
        manual_seed(5);
        using var network = new Mlp();
        var ensemble = Mlp.Ensemble.Of([network, network]);
        ensemble.eval();
        var y = ensemble.forward(randn(16, 12));
        Assert.True(y[0].allclose(y[1]), "two equal members differ in evaluation");
        ensemble.train();
        y = ensemble.forward(randn(16, 12));
        Assert.False(y[0].allclose(y[1]), "two equal members have the same noise");
    }

    [Fact]
    public void AStepLeavesNoTensors()
    {
        using var outer = NewDisposeScope();
        var ensemble = new Mlp.Ensemble(3);
        var optimiser = optim.Adam(ensemble.parameters());
        var (x, target) = (randn(8, 12), randn(3, 8, 2));
        void Step()
        {
            using var scope = NewDisposeScope();
            optimiser.zero_grad();
            nn.functional.mse_loss(ensemble.forward(x), target).backward();
            optimiser.step();
        }
        Step();
        var before = DisposeScopeManager.Statistics.ThreadTotalLiveCount;
        for (var i = 0; i < 3; i++) Step();
        Assert.Equal(before, DisposeScopeManager.Statistics.ThreadTotalLiveCount);
        before = DisposeScopeManager.Statistics.ThreadTotalLiveCount;
        using (ensemble.Member(1)) { }
        new Mlp.Ensemble(2).Dispose();
        Assert.Equal(before, DisposeScopeManager.Statistics.ThreadTotalLiveCount);
    }
}
