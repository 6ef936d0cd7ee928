using System;
using System.Linq;
using Hybrid.Models.Losses;
using TorchSharp;
using Xunit;
using static TorchSharp.torch;
using F = TorchSharp.torch.nn.functional;

namespace Hybrid.PropertyTests.Compiler.Running;

/// <summary>The published losses against PyTorch's own, closed forms, or what their papers say of them.</summary>
[Collection(nameof(Tensors))]
public sealed class PublishedLosses
{
    private static Tensor Drawn(params long[] sizes) => randn(sizes, ScalarType.Float64);

    private static void Close(double expected, Tensor actual) => Assert.Equal(expected, actual.ToDouble(), 1e-10);

    [Fact]
    public void Huber_IsPyTorchs()
    {
        using var scope = NewDisposeScope();
        manual_seed(1);
        Tensor x = Drawn(50, 3) * 3, t = Drawn(50, 3);
        Close(F.huber_loss(x, t).ToDouble(), Huber.Value(x, t));
        // ½ inside, δ (|e| − ½ δ) outside.
        Close(0.125, Huber.Value(zeros(1, 1, ScalarType.Float64), full(1, 1, 0.5, ScalarType.Float64)));
        Close(2.5, Huber.Value(zeros(1, 1, ScalarType.Float64), full(1, 1, -3.0, ScalarType.Float64)));
    }

    /// <summary>
    /// Lin et al. 2017, section 3.2: with γ = 2, an example classified with p = 0.9 would have 100 times lower loss than cross-entropy, and
    /// with p ≈ 0.968 it would have 1000 times lower loss.
    /// </summary>
    [Theory]
    [InlineData(0.9, 100, 1e-9)]
    [InlineData(0.968, 1000, 25)]
    public void Focal_DownWeighsAsItsPaperSays(double p, double ratio, double tolerance)
    {
        using var scope = NewDisposeScope();
        var logits = tensor(new[,] { { Math.Log(p / (1 - p)), 0.0 } });
        var label = zeros(1, ScalarType.Int64);
        Assert.Equal(ratio, F.cross_entropy(logits, label).ToDouble() / Focal.Value(logits, label).ToDouble(), tolerance);
    }

    [Fact]
    public void Focal_IsItsFormula()
    {
        using var scope = NewDisposeScope();
        manual_seed(2);
        var logits = Drawn(40, 5);
        var label = randint(0, 5, [40], dtype: ScalarType.Int64);
        var sum = 0.0;
        for (var i = 0; i < 40; i++)
        {
            var p = logits[i].softmax(0)[label[i].ToInt64()].ToDouble();
            sum -= Math.Pow(1 - p, 2) * Math.Log(p);
        }
        Close(sum / 40, Focal.Value(logits, label));
    }

    [Fact]
    public void Dice_CountsTheOverlap()
    {
        using var scope = NewDisposeScope();
        var mask = zeros(2, 4, 4, ScalarType.Float64);
        mask[0, TensorIndex.Slice(0, 2)] = 1; // 8 pixels; the second mask is empty
        Close(0, Dice.Value(mask, mask));
        // Half of the mask and as much beside it: 1 − (2·4 + 1)/(8 + 8 + 1); nothing of the empty one.
        var found = zeros(2, 4, 4, ScalarType.Float64);
        found[0, TensorIndex.Slice(1, 3)] = 1;
        Close((1 - 9.0 / 17) / 2, Dice.Value(found, mask));
        // Probabilities enter squared: 1 − (2·4 + 1)/(2 + 8 + 1) of ½ everywhere on the mask.
        Close((1 - 9.0 / 11) / 2, Dice.Value(mask / 2, mask));
    }

    /// <summary>Seitzer et al. 2022, eq. 6: ∂/∂μ = −(y − μ)/σ^(2 − 2β), and of σ² (σ² − (y − μ)²)/(2 σ^(4 − 2β)).</summary>
    [Fact]
    public void BetaNll_HasThePapersGradients()
    {
        using var scope = NewDisposeScope();
        manual_seed(3);
        Tensor mean = Drawn(20, 2).requires_grad_(), target = Drawn(20, 2);
        var variance = (rand(20, 2, ScalarType.Float64) + 0.3).requires_grad_();
        var gradients = autograd.grad([BetaNll.Value(mean, variance, target)], [mean, variance]);
        var (error, power) = ((target - mean).detach(), variance.detach());
        Assert.True(gradients[0].allclose(-error / power.pow(1 - BetaNll.Beta) / 40, 1e-12, 1e-14), "the mean's gradient is another");
        Assert.True(
            gradients[1].allclose((power - error.square()) / (2 * power.pow(2 - BetaNll.Beta)) / 40, 1e-12, 1e-14),
            "the variance's gradient is another");
    }

    /// <summary>
    /// The likelihood is that of Student's t with 2α degrees of freedom, mean γ and scale² β (1 + ν)/(ν α) (Amini et al. 2020, eq. 7). With
    /// α = ½ it is Cauchy's and with α = 1 the one of two degrees, both in closed form.
    /// </summary>
    [Fact]
    public void Evidential_IsStudentsLikelihood()
    {
        using var scope = NewDisposeScope();
        foreach (var (y, gamma, nu, beta) in new[] { (0.3, 0.1, 2.0, 0.7), (-2.0, 1.0, 0.5, 1.5), (4.0, 4.0, 1.0, 1.0) })
        {
            Tensor Number(double value) => full(1, value, ScalarType.Float64);
            double Charged(double alpha) => Evidential.Regularisation * Math.Abs(y - gamma) * (2 * nu + alpha);
            double Scale(double alpha) => Math.Sqrt(beta * (1 + nu) / (nu * alpha));
            var z = (y - gamma) / Scale(0.5);
            Close(
                Math.Log(Math.PI * Scale(0.5) * (1 + z * z)) + Charged(0.5),
                Evidential.Value(Number(gamma), Number(nu), Number(0.5), Number(beta), Number(y)));
            z = (y - gamma) / Scale(1);
            Close(
                Math.Log(Scale(1) * Math.Pow(2 + z * z, 1.5)) + Charged(1),
                Evidential.Value(Number(gamma), Number(nu), Number(1), Number(beta), Number(y)));
        }
    }

    [Fact]
    public void MixtureDensity_IsTheDensitysLogarithm()
    {
        using var scope = NewDisposeScope();
        manual_seed(5);
        Tensor logits = Drawn(30, 4), mean = Drawn(30, 4), deviation = rand(30, 4, ScalarType.Float64) + 0.2, target = Drawn(30);
        var each = (-((target.unsqueeze(1) - mean) / deviation).square() / 2).exp() / (deviation * Math.Sqrt(2 * Math.PI));
        var density = (logits.softmax(1) * each).sum(1);
        Close(-density.log().mean().ToDouble(), MixtureDensity.Value(logits, mean, deviation, target));
        // One component is a Gaussian, far from its mean too: densities of 0 have a logarithm.
        Tensor One(double value) => full(1, 1, value, ScalarType.Float64);
        Close(800 + Math.Log(2 * Math.PI) / 2, MixtureDensity.Value(One(3), One(0), One(1), full(1, 40.0, ScalarType.Float64)));
    }

    /// <summary>
    /// SimCLR's pseudocode: the cross-entropy of each view against the 2 N − 1 others, the other view of its example being right.
    /// </summary>
    [Fact]
    public void NtXent_IsACrossEntropyOfViews()
    {
        using var scope = NewDisposeScope();
        manual_seed(6);
        Tensor first = Drawn(7, 5), second = first + 0.3 * Drawn(7, 5);
        var views = cat([F.normalize(first), F.normalize(second)], 0);
        var sum = 0.0;
        for (var i = 0; i < 14; i++)
        {
            var (denominator, partner) = (0.0, (i + 7) % 14);
            for (var k = 0; k < 14; k++)
                if (k != i) denominator += Math.Exp(views[i].dot(views[k]).ToDouble() / NtXent.Temperature);
            sum -= views[i].dot(views[partner]).ToDouble() / NtXent.Temperature - Math.Log(denominator);
        }
        Close(sum / 14, NtXent.Value(first, second));
    }

    /// <summary>Each derives what ensembles train with: a loss for each member, equal to a loop.</summary>
    [Fact]
    public void EnsemblesOfLosses_AreLoops()
    {
        using var scope = NewDisposeScope();
        manual_seed(7);
        Tensor x = Drawn(3, 6, 4), y = Drawn(3, 6, 4), positive = rand(3, 6, 4, ScalarType.Float64) + 0.5;
        var label = randint(0, 4, [3, 6], dtype: ScalarType.Int64);
        void Holds(Tensor together, Func<long, Tensor> alone)
        {
            for (var m = 0L; m < 3; m++) Assert.Equal(alone(m).ToDouble(), together[m].ToDouble(), 1e-12);
        }
        Holds(Huber.ValueEnsemble(x, y), m => Huber.Value(x[m], y[m]));
        Holds(Focal.ValueEnsemble(x, label), m => Focal.Value(x[m], label[m]));
        Holds(BetaNll.ValueEnsemble(x, positive, y), m => BetaNll.Value(x[m], positive[m], y[m]));
        Holds(
            MixtureDensity.ValueEnsemble(x, y, positive, y.mean([2])),
            m => MixtureDensity.Value(x[m], y[m], positive[m], y[m].mean([1])));
        Holds(NtXent.ValueEnsemble(x, y), m => NtXent.Value(x[m], y[m]));
        var (mean, nu, alpha, beta) = (x.select(2, 0), positive.select(2, 0), positive.select(2, 1) + 1, positive.select(2, 2));
        Holds(
            Evidential.ValueEnsemble(mean, nu, alpha, beta, y.select(2, 0)),
            m => Evidential.Value(mean[m], nu[m], alpha[m], beta[m], y[m].select(1, 0)));
    }
}
