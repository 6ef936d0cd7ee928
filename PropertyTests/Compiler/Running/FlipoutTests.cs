using System;
using System.Linq;
using Hybrid.PropertyTests.Zoo;
using TorchSharp;
using Xunit;
using static TorchSharp.torch;

namespace Hybrid.PropertyTests.Compiler.Running;

/// <summary>What is known of drawn weights in closed form, and what Flipout says of wrong arguments.</summary>
[Collection(nameof(Tensors))]
public sealed class FlipoutTests
{
    // Chances of a sound program to fail a test at 5 standard errors are below 1e-6; the seeds are fixed all the same.
    private const double StandardErrors = 5;

    /// <summary>y = W x + b has mean μ x + μ_b and variance Σ σ² x² + σ_b².</summary>
    [Fact]
    public void ALinearLayer_HasItsAnalyticMeanAndVariance()
    {
        using var scope = NewDisposeScope();
        manual_seed(1);
        const double sigma = 0.4;
        const int draws = 3000;
        using var network = new Affine(dtype: ScalarType.Float64);
        var flipout = Affine.Flipout.From(network, sigma);
        var x = randn(6, 5, ScalarType.Float64);
        var (mean, std) = flipout.Predict(x, draws);
        var variance = ((x.square().sum(1, keepdim: true) + 1) * (sigma * sigma)).expand(6, 3);
        var exact = network.forward(x).detach();
        var offMean = ((mean - exact) / (variance / draws).sqrt()).abs().max().ToDouble();
        var offVariance = ((std.square() - variance) / (variance * Math.Sqrt(2.0 / (draws - 1)))).abs().max().ToDouble();
        Assert.True(offMean < StandardErrors, $"the mean is off by {offMean} standard errors");
        Assert.True(offVariance < StandardErrors, $"the variance is off by {offVariance} standard errors");
    }

    /// <summary>
    /// Examples of one batch share ε; their signs make their noise uncorrelated, where plain draws of weights would make it equal.
    /// </summary>
    [Fact]
    public void ExamplesOfABatch_AreUncorrelated()
    {
        using var scope = NewDisposeScope();
        manual_seed(2);
        const int draws = 3000;
        using var network = new Affine(dtype: ScalarType.Float64);
        var flipout = Affine.Flipout.From(network, 0.4);
        var x = randn(1, 5, ScalarType.Float64).expand(2, -1);
        using var still = no_grad();
        var noise = stack(Enumerable.Range(0, draws).Select(_ => flipout.forward(x))) - network.forward(x);     // (draws, 2, 3)
        var correlation = ((noise.select(1, 0) * noise.select(1, 1)).mean([0L]) / noise.square().mean([0L, 1L])).abs().max().ToDouble();
        Assert.True(correlation < StandardErrors * 3 / Math.Sqrt(draws), $"two examples are correlated by {correlation}");
    }

    [Fact]
    public void Kl_IsTheClosedForm_AndTheMeanOfLogRatios()
    {
        using var scope = NewDisposeScope();
        manual_seed(3);
        const double sigma = 0.3;
        const int draws = 3000;
        using var network = new Affine(dtype: ScalarType.Float64);
        var flipout = Affine.Flipout.From(network, sigma);
        var means = network.parameters().SelectMany(p => p.detach().flatten().data<double>().ToArray()).ToArray();
        var exact = means.Sum(mu => 0.5 * ((sigma * sigma) + (mu * mu) - 1) - Math.Log(sigma));
        Assert.Equal(exact, flipout.Kl().ToDouble(), 1e-9 * Math.Abs(exact));
        Assert.Equal(exact / 250, flipout.Kl(examples: 250).ToDouble(), 1e-9 * Math.Abs(exact));

        // E[ln q(w) − ln p(w)] over networks drawn from q.
        var ratios = Enumerable.Range(0, draws).Select(_ =>
        {
            using var inner = NewDisposeScope();
            using var drawn = flipout.Sample();
            var weights = drawn.parameters().SelectMany(p => p.detach().flatten().data<double>().ToArray()).ToArray();
            return weights.Zip(means, (w, mu) => (0.5 * w * w) - (0.5 * (w - mu) * (w - mu) / (sigma * sigma)) - Math.Log(sigma)).Sum();
        }).ToArray();
        var mean = ratios.Average();
        var error = Math.Sqrt(ratios.Sum(r => (r - mean) * (r - mean)) / (draws - 1) / draws);
        Assert.True(Math.Abs(mean - exact) < StandardErrors * error, $"the mean log ratio is {mean} ± {error}, the divergence {exact}");
    }

    [Fact]
    public void GradientsReachMeansAndDeviations_AndAStepLeavesNoTensors()
    {
        using var outer = NewDisposeScope();
        manual_seed(4);
        var flipout = new Mlp.Flipout();
        var optimiser = optim.Adam(flipout.parameters());
        var (x, target) = (randn(16, 12), randn(16, 2));
        void Step()
        {
            using var scope = NewDisposeScope();
            optimiser.zero_grad();
            (nn.functional.mse_loss(flipout.forward(x), target) + flipout.Kl(examples: 100)).backward();
            optimiser.step();
        }
        Step();
        var named = flipout.named_parameters().ToList();
        Assert.Equal(8, named.Count(p => p.name.EndsWith("_rho", StringComparison.Ordinal)));
        Assert.All(named, p => Assert.True(p.parameter.grad!.abs().max().ToSingle() > 0, $"no gradient reaches '{p.name}'"));
        var before = DisposeScopeManager.Statistics.ThreadTotalLiveCount;
        for (var i = 0; i < 3; i++) Step();
        using (flipout.Mean()) { }
        using (flipout.Sample()) { }
        new Mlp.Flipout().Dispose();
        Assert.Equal(before, DisposeScopeManager.Statistics.ThreadTotalLiveCount);
    }

    [Fact]
    public void OnlyTheChosenLayersAreDrawn()
    {
        using var scope = NewDisposeScope();
        using var network = new LeNet();
        var flipout = LeNet.Flipout.From(network, layers: FlipoutLayers.Conv2d);
        Assert.Equal(
            ["c1.bias_rho", "c1.weight_rho", "c2.bias_rho", "c2.weight_rho"],
            flipout.state_dict().Keys.Where(key => key.EndsWith("_rho", StringComparison.Ordinal)).Order(StringComparer.Ordinal));
        var both = new MeanVariance.Flipout(6).Predict(randn(3, 5), randn(3, 3), draws: 4);
        Assert.Equal([3], both.mean.std.shape);
        Assert.Equal([3], both.variance.mean.shape);
    }

    [Fact]
    public void WrongArguments_AreNamed()
    {
        using var scope = NewDisposeScope();
        using var network = new Affine();
        Assert.StartsWith(
            "Affine.Flipout: expected a standard deviation above 0",
            Assert.Throws<ArgumentOutOfRangeException>(() => Affine.Flipout.From(network, 0)).Message);
        Assert.StartsWith(
            "Affine.Flipout: the network has no layer of the kinds Conv2d; it has Linear",
            Assert.Throws<ArgumentException>(() => Affine.Flipout.From(network, layers: FlipoutLayers.Conv2d)).Message);
        var flipout = Affine.Flipout.From(network);
        Assert.StartsWith(
            "Predict: expected at least 2 draws",
            Assert.Throws<ArgumentOutOfRangeException>(() => flipout.Predict(zeros(1, 5), 1)).Message);
        Assert.StartsWith(
            "Kl: expected a number of training examples above 0", Assert.Throws<ArgumentOutOfRangeException>(() => flipout.Kl(0)).Message);
        Assert.Equal(
            "Affine.Flipout.forward: expected x (B, 5), got (1, 4): axis 1 must be 5.",
            Assert.Throws<ArgumentException>(() => flipout.forward(zeros(1, 4))).Message);
    }
}
