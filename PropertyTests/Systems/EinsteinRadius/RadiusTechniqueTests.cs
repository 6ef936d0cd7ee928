using System;
using System.Linq;
using Hybrid.Models.Adaptation;
using Hybrid.Models.Evaluation;
using Hybrid.Models.Networks;
using Hybrid.Models.Systems.EinsteinRadius;
using Hybrid.Models.Training;
using TorchSharp;
using Xunit;
using static TorchSharp.torch;

namespace Hybrid.PropertyTests.Systems.EinsteinRadius;

/// <summary>What is known of the techniques in closed form, and what they recover where a shift is planted.</summary>
[Collection(nameof(Hybrid.PropertyTests.Compiler.Running.Tensors))]
public sealed class RadiusTechniqueTests
{
    /// <summary>
    /// Inner loss ½ a w², outer loss ½ b w'²: dL/dw = b w (1 − r a)², and b w (1 − r a) where the inner gradient is a constant.
    /// </summary>
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Maml_HasTheOuterGradientOfAQuadratic(bool isFirstOrder)
    {
        using var scope = NewDisposeScope();
        const double a = 1.7, b = 0.6, rate = 0.3, start = 2.5;
        var w = tensor(start, dtype: ScalarType.Float64).requires_grad_();
        var after = Maml.Adapted([w], 0.5 * a * w.square(), rate, isFirstOrder)[0];
        Assert.Equal(start * (1 - (rate * a)), after.ToDouble(), 1e-12);
        (0.5 * b * after.square()).backward();
        var expected = b * start * (1 - (rate * a)) * (isFirstOrder ? 1 : 1 - (rate * a));
        Assert.Equal(expected, w.grad!.ToDouble(), 1e-12);
    }

    [Fact]
    public void OuterData_AreSpreadEvenlyOverTheLabels()
    {
        double[] radii = [2.1, 0.5, 1.0, 1.4, 0.8, 1.9, 1.2, 0.6, 1.6, 1.1];
        var chosen = Maml.OuterData(radii, 5).Select(i => radii[i]).ToArray();
        Assert.Equal([0.5, 0.8, 1.1, 1.4, 1.9], chosen);
        Assert.Single(Maml.OuterData([1.0], 1));
        var failure = Assert.Throws<ArgumentOutOfRangeException>(() => Maml.OuterData(radii, 11));
        Assert.Contains("expected k in [1, 10], got 11", failure.Message);
    }

    [Theory]
    [InlineData("small")]
    [InlineData("resnet10v2")]
    public void ANetworkAsAFunctionOfItsWeights_IsTheNetwork(string name)
    {
        using var scope = NewDisposeScope();
        manual_seed(1);
        var network = RadiusNetwork.Named(name);
        using var parts = network.Make(CPU);
        parts.Module.train();
        var image = randn(3, 3, 24, 24);
        var functional = network.Functional(parts);
        using var _ = BatchStatistics.Kept(parts.Module);
        var (own, other) = (parts.Outputs(image), functional.Forward(functional.Parameters, image));
        Assert.True(own.allclose(other, rtol: 1e-5, atol: 1e-6), $"{own} against {other}");
        Assert.Equal([3L, 2], own.shape);
        Assert.True((own.select(1, 1) > 0).all().ToBoolean());
        Assert.Equal(parts.Module.parameters().Count(), functional.Parameters.Count);
    }

    /// <summary>With posteriors of no width a Bayesian network is the one that it was made of.</summary>
    [Fact]
    public void ABayesianNetwork_IsMadeFromATrainedOneInOneLine()
    {
        using var scope = NewDisposeScope();
        manual_seed(2);
        var network = RadiusNetwork.Named("small");
        using var parts = network.Make(CPU);
        parts.Module.eval();
        var image = randn(2, 3, 24, 24);
        var bayesian = network.Bayesian(parts, FlipoutLayers.All, 1e-7);
        bayesian.Module.eval();
        using var _ = no_grad();
        Assert.True(bayesian.Module.forward(image).allclose(parts.Outputs(image), rtol: 1e-3, atol: 1e-4));
        Assert.True(bayesian.Divergence(1000).ToDouble() > 0);

        // The variance of draws is the networks' own and that of their means.
        var wide = network.Bayesian(parts, FlipoutLayers.All, 0.1);
        using var estimator = new BayesianEstimator(wide, 20);
        manual_seed(3);
        var (means, variances) = estimator.Draws(image);
        manual_seed(3);
        var (mean, variance) = estimator.Estimate(image);
        Assert.True(mean.allclose(means.mean([0L]), rtol: 1e-5, atol: 1e-6));
        Assert.True(variance.allclose(variances.mean([0L]) + means.var(0, unbiased: true), rtol: 1e-4, atol: 1e-6));
        Assert.True((variance > variances.mean([0L])).all().ToBoolean());
    }

    [Theory]
    [InlineData(1)]
    [InlineData(4)]
    public void AdversarialImages_StayWithinEpsilon_AndRaiseTheLoss(int steps)
    {
        using var scope = NewDisposeScope();
        manual_seed(4);
        const double epsilon = 0.05;
        var image = randn(5, 3, 8, 8);
        var slope = randn(3, 8, 8);
        Tensor Loss(Tensor x) => (x * slope).sum([1L, 2L, 3L]).tanh().mean();
        var moved = AdversarialTraining.Perturbed(image, Loss, epsilon, steps);
        Assert.True((moved - image).abs().max().ToDouble() <= epsilon * (1 + 1e-5));
        Assert.True(Loss(moved).ToDouble() > Loss(image).ToDouble());
        Assert.False(moved.requires_grad);
        // Of a linear loss one step goes the whole way along its sign.
        if (steps == 1)
        {
            var linear = AdversarialTraining.Perturbed(image, x => (x * slope).sum(), epsilon, 1);
            Assert.True(linear.allclose(image + (slope.sign() * epsilon), rtol: 1e-6, atol: 1e-6));
        }
        Assert.Throws<ArgumentOutOfRangeException>(() => AdversarialTraining.Perturbed(image, Loss, 0, 1));
    }

    /// <summary>y' = −y and a circle: errors of the method of order 4 fall with h⁴, the adaptive one keeps its tolerance.</summary>
    [Fact]
    public void OdeIntegrators_HaveTheirOrders()
    {
        using var scope = NewDisposeScope();
        var start = tensor(new[] { 1.0, 0.0 }, [2]);
        Tensor[] Turn(double t, Tensor[] y) => [stack([-y[0][1], y[0][0]])];
        double Error(Tensor[] end) => (end[0] - tensor(new[] { Math.Cos(2), Math.Sin(2) }, [2])).abs().max().ToDouble();
        var (coarse, fine) = (
            Error(OdeIntegrator.RungeKutta4(Turn, [start], 0, 2, 10)), Error(OdeIntegrator.RungeKutta4(Turn, [start], 0, 2, 20)));
        Assert.InRange(coarse / fine, 14, 18);
        foreach (var tolerance in new[] { 1e-4, 1e-7, 1e-10 })
            Assert.True(Error(OdeIntegrator.DormandPrince(Turn, [start], 0, 2, tolerance, tolerance)) < 20 * tolerance);
        // Backwards it comes home; gradients are those of the solution, d y(1)/d y(0) = 1/e.
        var back = OdeIntegrator.DormandPrince(Turn, OdeIntegrator.DormandPrince(Turn, [start], 0, 2, 1e-9, 1e-9), 2, 0, 1e-9, 1e-9);
        Assert.True((back[0] - start).abs().max().ToDouble() < 1e-7);
        var y = tensor(3.0, dtype: ScalarType.Float64).requires_grad_();
        OdeIntegrator.DormandPrince((_, s) => [-s[0]], [y], 0, 1, 1e-9, 1e-9)[0].backward();
        Assert.Equal(Math.Exp(-1), y.grad!.ToDouble(), 1e-7);
        Assert.Contains("not reached in 2 steps", Assert.Throws<InvalidOperationException>(
            () => OdeIntegrator.DormandPrince(Turn, [start], 0, 2, 1e-9, 1e-9, mostSteps: 2)).Message);
    }

    /// <summary>The determinant is that of the map's own Jacobian; the way back is the inverse; the estimate's mean is the trace.</summary>
    [Theory]
    [InlineData(8)]
    [InlineData(0)]
    public void AContinuousFlow_KnowsItsDeterminant_AndItsInverse(int steps)
    {
        using var scope = NewDisposeScope();
        manual_seed(5);
        using var flow = new ContinuousFlow(new VelocityField(3, 16, dtype: ScalarType.Float64)) { Steps = steps, Tolerance = 1e-9 };
        foreach (var parameter in flow.Velocity.parameters())
        {
            using var _ = no_grad();
            if (parameter.abs().max().ToDouble() == 0) parameter.copy_(randn_like(parameter) * 0.3);
        }
        var x = randn(4, 3, dtype: ScalarType.Float64);
        var (place, logDeterminant) = flow.Forward(x);
        Assert.True((place - flow.Moved(x)).abs().max().ToDouble() < 1e-7);
        for (var row = 0; row < 4; row++)
        {
            var one = x.narrow(0, row, 1).detach().requires_grad_();
            var moved = flow.Moved(one);
            var jacobian = stack(Enumerable.Range(0, 3).Select(
                i => autograd.grad([moved[0, i]], [one], retain_graph: true)[0].squeeze(0)));
            var exact = jacobian.det().abs().log().ToDouble();
            Assert.Equal(exact, logDeterminant[row].ToDouble(), steps == 0 ? 1e-6 : 1e-4);
        }
        var (back, negative) = flow.Inverse(place);
        Assert.True((back - x).abs().max().ToDouble() < 1e-5);
        Assert.True((negative + logDeterminant).abs().max().ToDouble() < 1e-4);
        // Sixty directions of each place, as rows of one call.
        var estimates = flow.Forward(x.repeat(60, 1), FlowTrace.Hutchinson).LogDeterminant.detach().reshape(60, 4);
        var (mean, error) = (estimates.mean([0L]), estimates.std(0) / Math.Sqrt(60));
        Assert.True(((mean - logDeterminant).abs() < (5 * error) + 1e-9).all().ToBoolean());
    }

    /// <summary>Gradients of the adjoint are those through the steps, up to the solver's error.</summary>
    [Theory]
    [InlineData(1, FlowTrace.Exact, 8)]
    [InlineData(2, FlowTrace.Hutchinson, 8)]
    [InlineData(3, FlowTrace.Exact, 0)]
    [InlineData(5, FlowTrace.Hutchinson, 16)]
    public void TheAdjoint_HasTheGradientsOfTheSteps(int size, FlowTrace trace, int steps)
    {
        using var scope = NewDisposeScope();
        manual_seed(15 + size);
        using var flow = new ContinuousFlow(new VelocityField(size, 12, dtype: ScalarType.Float64)) { Steps = steps, Tolerance = 1e-9 };
        foreach (var parameter in flow.Velocity.parameters())
        {
            using var _ = no_grad();
            if (parameter.abs().max().ToDouble() == 0) parameter.copy_(randn_like(parameter) * 0.3);
        }
        var place = randn(6, size, dtype: ScalarType.Float64);
        var centre = randn(size, dtype: ScalarType.Float64).requires_grad_();
        Tensor Loss(Tensor moved, Tensor logDeterminant) => (moved - centre).square().sum(1).mean() - (2 * logDeterminant.tanh()).mean();
        (double Value, Tensor[] Gradients) Of(Func<Tensor, Tensor> loss)
        {
            manual_seed(99); // the same directions
            var at = place.clone().requires_grad_();
            var value = loss(at);
            Tensor[] by = [at, centre, .. flow.Velocity.parameters()];
            return (value.ToDouble(), [.. autograd.grad([value], by, allow_unused: false)]);
        }
        var exact = Of(at =>
        {
            var (moved, logDeterminant) = flow.Forward(at, trace);
            return Loss(moved, logDeterminant);
        });
        var adjoint = Of(at => flow.Adjoint(at, Loss, trace));
        Assert.Equal(exact.Value, adjoint.Value, 1e-10);
        foreach (var (one, other) in exact.Gradients.Zip(adjoint.Gradients))
        {
            var (off, most) = ((one - other).abs().max().ToDouble(), one.abs().max().ToDouble());
            Assert.True(off <= 1e-5 + (1e-4 * most), $"{off} of {most}");
        }
    }

    /// <summary>Through the steps, memory grows with their number; by the adjoint it does not.</summary>
    [Fact]
    public void TheAdjoint_KeepsNothingOfTheWay()
    {
        using var scope = NewDisposeScope();
        manual_seed(16);
        var place = randn(1024, 4);
        static Tensor Loss(Tensor moved, Tensor logDeterminant) => moved.square().mean() - logDeterminant.mean();
        using var flow = new ContinuousFlow(new VelocityField(4, 64)) { Steps = 40 };
        long Kept(Func<Tensor> loss)
        {
            using (loss())
            {
            }
            // What is loaded and compiled on first use is not the way's.
            var before = Memory();
            using var value = loss();
            Assert.True(value.requires_grad);
            return Memory() - before;
        }
        static long Memory()
        {
            GC.Collect();
            GC.WaitForPendingFinalizers();
            return Environment.WorkingSet;
        }
        var adjoint = Kept(() => flow.Adjoint(place, Loss, FlowTrace.Hutchinson));
        var steps = Kept(() =>
        {
            var (moved, logDeterminant) = flow.Forward(place, FlowTrace.Hutchinson);
            return Loss(moved, logDeterminant);
        });
        // A step's hidden layers and their tangents are 4 slopes × 4 × 1024 × 64 floats = 4 MB.
        Assert.True(steps > 80L << 20, $"the steps keep {steps >> 20} MB");
        Assert.True(adjoint < 20L << 20, $"the adjoint keeps {adjoint >> 20} MB");
    }

    /// <summary>A planted affine shift of features is undone by either flow: means and deviations come back to a tenth.</summary>
    [Theory]
    [InlineData(FeatureFlowKind.Couplings)]
    [InlineData(FeatureFlowKind.Continuous)]
    public void AFeatureFlow_RecoversAPlantedShift(FeatureFlowKind kind)
    {
        using var scope = NewDisposeScope();
        manual_seed(6);
        var mix = randn(4, 6);
        var source = randn(1000, 4).mm(mix);
        // Within the source's span: 1.5 times as wide, moved by one deviation.
        var move = ones(1, 4).mm(mix);
        var target = (randn(1000, 4).mm(mix) * 1.5) + move;
        var options = new FeatureFlowOptions { Kind = kind, Dimensions = 4, Steps = 250, BatchSize = 200, LearningRate = 4e-3, Width = 32 };
        using var flow = FeatureFlow.Fit(source, target, options, cancellation: TestContext.Current.CancellationToken);
        Assert.True(flow.Surprise.After < flow.Surprise.Before - 0.3, $"{flow.Surprise}");
        var fresh = (randn(3000, 4).mm(mix) * 1.5) + move;
        var mapped = flow.Map(fresh);
        var scale = source.std([0L], unbiased: true, keepdim: false);
        var off = ((mapped.mean([0L]) - source.mean([0L])) / scale).abs().max().ToDouble();
        var wide = (mapped.std([0L], unbiased: true, keepdim: false) / scale - 1).abs().max().ToDouble();
        Assert.True(off < 0.1 && wide < 0.1, $"{kind}: the mean is off by {off} deviations, the deviation by {wide}");
        using var empty = FeatureFlow.Empty(6, options);
        empty.Module.load_state_dict(flow.Module.state_dict());
        Assert.True(empty.Map(fresh).equal(mapped).all().ToBoolean());
    }

    /// <summary>Smooth blobs of random brightness and place with noise: a little survey.</summary>
    private static Tensor Survey(int count, double width, double flux, double noise, long seed)
    {
        using var scope = NewDisposeScope();
        manual_seed(seed);
        var place = arange(24, dtype: ScalarType.Float32) - 11.5;
        Tensor Axis(Tensor centre) => (-(place.unsqueeze(0) - centre).square() / (2 * width * width)).exp() / width;
        var (x, y) = (Axis(randn(count, 1) * 2), Axis(randn(count, 1) * 2));
        var brightness = (randn(count, 3, 1, 1) * 0.5).exp() * 20 * flux;
        var images = brightness * y.unsqueeze(1).unsqueeze(3) * x.unsqueeze(1).unsqueeze(2);
        return (images + (noise * randn(count, 3, 24, 24))).asinh().MoveToOuterDisposeScope();
    }

    private static IBatchSource Pairs(Tensor source, Tensor target, int size = 64)
        => BatchTransforms.Together(
            ("source", new TensorBatches(size, 1, ("image", source))), ("target", new TensorBatches(size, 2, ("image", target))));

    /// <summary>
    /// Flux scale, further PSF and further noise that were planted, to a tenth; the distance of unseen images falls by half.
    /// </summary>
    [Fact]
    public void ShiftNet_RecoversAPlantedShift()
    {
        using var scope = NewDisposeScope();
        // Blobs of width 2.5 seen through a further PSF of 1.5 pixels: √(2.5² + 1.5²). Noise √(0.1² + 0.3²), the first blurred away.
        var (source, target) = (Survey(256, 2.5, 1, 0.1, 11), Survey(256, Math.Sqrt(8.5), 1.4, 0.3, 12));
        using var shift = new ShiftNet(new SurveyShift(), 24);
        using var optimiser = optim.Adam(shift.Network.parameters(), lr: 0.05);
        Trainer.Fit(
            new ShiftNet.Algorithm(shift, optimiser), Pairs(source, target), null,
            new TrainingOptions { Epochs = 60, KeepBest = false, Schedule = RateSchedule.WarmUpCosine(0.1) },
            cancellation: TestContext.Current.CancellationToken);
        using var _ = no_grad();
        foreach (var band in shift.Bands)
        {
            Assert.InRange(band.Scale, 1.26, 1.54);
            Assert.InRange(band.PsfPixels, 1.35, 1.65);
            Assert.InRange(band.Noise, 0.27, 0.33);
            Assert.InRange(band.Offset, -0.05, 0.05);
        }
        var (fresh, real) = (Survey(256, 2.5, 1, 0.1, 13), Survey(256, Math.Sqrt(8.5), 1.4, 0.3, 14));
        var (before, after) = (ImageDistance.Of(fresh, real).ToDouble(), ImageDistance.Of(shift.Shifted(fresh), real).ToDouble());
        Assert.True(after < before / 2, $"the distance fell from {before} to {after}");
    }

    /// <summary>The generator finds the planted flux, and leaves a ring's radius: mean distance of its light from the middle.</summary>
    [Fact]
    public void TheGenerator_FindsThePlantedFlux_AndKeepsARingsRadius()
    {
        using var scope = NewDisposeScope();
        var (source, target) = (Survey(128, 2.5, 1, 0.2, 21), Survey(128, 2.5, 2, 0.2, 22));
        using var gan = new ImageGan(24, CPU);
        var parameters = gan.Shift.Network.parameters().Concat(gan.Translator.parameters());
        using var generator = optim.Adam(parameters, lr: 1e-2, beta1: 0.5, beta2: 0.9);
        using var critic = optim.Adam(gan.Critic.parameters(), lr: 3e-3, beta1: 0.5, beta2: 0.9);
        Trainer.Fit(
            new ImageGan.Algorithm(gan, generator, critic, critics: 2, contentWeight: 10), Pairs(source, target, 32), null,
            new TrainingOptions { Epochs = 25, KeepBest = false, Schedule = RateSchedule.WarmUpCosine(0.1) },
            cancellation: TestContext.Current.CancellationToken);
        using var _ = no_grad();
        var (fresh, real) = (Survey(256, 2.5, 1, 0.2, 23), Survey(256, 2.5, 2, 0.2, 24));
        var translated = gan.Translated(fresh);
        var flux = translated.sinh().sum().ToDouble() / fresh.sinh().sum().ToDouble();
        Assert.InRange(flux, 1.8, 2.2);
        var (before, after) = (ImageDistance.Of(fresh, real).ToDouble(), ImageDistance.Of(translated, real).ToDouble());
        Assert.True(after < before / 2, $"the distance fell from {before} to {after}");

        var place = arange(24, dtype: ScalarType.Float32) - 11.5;
        var distance = (place.unsqueeze(0).square() + place.unsqueeze(1).square()).sqrt();
        foreach (var radius in new[] { 4.0, 6.0 })
        {
            var ring = (((-(distance - radius).square() / 2).exp() * 8).asinh()).expand(1, 3, 24, 24).contiguous();
            double Radius(Tensor image)
            {
                var light = image.sinh().mean([0L, 1L]);
                light = light * (light > 0.5);
                return ((light * distance).sum() / light.sum()).ToDouble();
            }
            var many = stack(Enumerable.Range(0, 32).Select(_ => gan.Translated(ring).squeeze(0)));
            Assert.InRange(Radius(many) / Radius(ring), 0.99, 1.01);
        }
    }

    [Fact]
    public void ImageDistance_IsZeroForTheSame_AndSeesBrightnessPsfAndNoise()
    {
        using var scope = NewDisposeScope();
        var images = Survey(64, 2.5, 1, 0.1, 31);
        Assert.Equal(0, ImageDistance.Of(images, images).ToDouble());
        double To(double width, double flux, double noise) => ImageDistance.Of(images, Survey(64, width, flux, noise, 31)).ToDouble();
        var same = ImageDistance.Of(images, Survey(64, 2.5, 1, 0.1, 32)).ToDouble();
        foreach (var changed in new[] { To(2.5, 1.5, 0.1), To(3.5, 1, 0.1), To(2.5, 1, 0.3) })
            Assert.True(changed > 2 * same, $"a change counts {changed}, chance {same}");
        Assert.Contains("of one size", Assert.Throws<ArgumentException>(() => ImageDistance.Of(images, zeros(2, 1, 24, 24))).Message);
    }

    /// <summary>Of one image as well: what normalises batches asks for two in training alone.</summary>
    [Theory]
    [InlineData("small", 3)]
    [InlineData("resnet10v2", 1)]
    public void AnEstimate_DoesNotDependOnTheTurnOfItsImage(string network, int images)
    {
        using var scope = NewDisposeScope();
        manual_seed(7);
        using var estimator = new NetworkRadius(RadiusNetwork.Named(network).Make(CPU));
        var image = randn(images, 3, 32, 32);
        var (mean, variance) = estimator.Estimate(image);
        for (var turn = 1; turn < 8; turn++)
        {
            var (other, also) = estimator.Estimate(ImageAugmentation.Turned(image, turn));
            Assert.True(mean.allclose(other, rtol: 1e-4, atol: 1e-5) && variance.allclose(also, rtol: 1e-4, atol: 1e-5), $"turn {turn}");
        }
    }

    [Fact]
    public void AnEvaluation_IsWhatAHandWorks()
    {
        var predictions = new RadiusPredictions(
            [1, 2, 1, 2], [1.1, 2, 0.5, 2.2], [0.1, 0.1, 0.1, 0.1], [0, 0, 1, 1], [0, 0, 0, 0], [6, 2, 0.5, 10], [9, 9, 9, 9]);
        var evaluation = RadiusEvaluation.Of(predictions);
        Assert.Equal(0.175, evaluation.MeanError.Value, 1e-12);
        Assert.Equal(0.1, evaluation.MedianError, 1e-12);
        Assert.Equal((0.01 + 0 + 0.25 + 0.04) / 4, evaluation.Mse, 1e-12);
        Assert.Equal((0.1 + 0 - 0.5 + 0.1) / 4, evaluation.Bias, 1e-12);
        Assert.Equal(0.75, evaluation.Coverage);
        Assert.Equal(2, evaluation.Galaxies);
        Assert.InRange(evaluation.MeanError.Low, 0.05 - 1e-12, 0.05 + 1e-12);
        Assert.Equal([1, 2.0], RadiusSubset.Bright.Of(predictions).Truth);
        Assert.Equal([1, 2, 2.0], RadiusSubset.Seen.Of(predictions).Truth);

        RadiusRun Run(RadiusTechnique technique, double factor) => new(
            technique, 0, 1, predictions with { Estimate = predictions.Truth.Select(t => t * factor).ToArray() }, predictions);
        var comparison = RadiusComparison.Of(
            [Run(RadiusTechnique.Constant, 1.4), Run(RadiusTechnique.BetaNll, 1.2), Run(RadiusTechnique.Mmd, 1.1)],
            [RadiusTechnique.Constant, RadiusTechnique.BetaNll, RadiusTechnique.Mmd, RadiusTechnique.Gan], 100);
        Assert.Equal(
            "mean |fractional error| 0.100 all, 0.100 bright (0.100 to 0.100) by mmd, 0.40 by the constant answer, "
                + "on 4 unseen quasi-real lenses",
            comparison.LastLine);
        Assert.Equal(-0.1, comparison.Rows[2].Gain!.Value, 1e-12);
        Assert.Equal(0, comparison.Rows[3].Runs);
        Assert.Null(comparison.Rows[1].Gain);
    }
}
