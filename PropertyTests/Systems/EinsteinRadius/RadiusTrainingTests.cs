using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using Hybrid.Data.Cache;
using Hybrid.Data.Formats;
using Hybrid.Models.Adaptation;
using Hybrid.Models.Systems.EinsteinRadius;
using Hybrid.Models.Training;
using TorchSharp;
using Xunit;
using static TorchSharp.torch;

namespace Hybrid.PropertyTests.Systems.EinsteinRadius;

/// <summary>Fits of radius networks: augmentation, dispersions after epochs, Monte-Carlo draws, and what cannot be trained on.</summary>
[Collection(nameof(Hybrid.PropertyTests.Compiler.Running.Tensors))]
public sealed class RadiusTrainingTests
{
    /// <summary>Rings of random radii in noise, at 0.263″ a pixel.</summary>
    private static Cache Rings(string folder, string name, int count, Func<int, double>? radii = null)
    {
        const int size = 16;
        var random = new Random(name.Length);
        double[] truth = [.. Enumerable.Range(0, count).Select(i => radii?.Invoke(i) ?? (0.6 + (1.2 * random.NextDouble())))];
        var pixels = new float[count * 3 * size * size];
        for (var i = 0; i < pixels.Length; i++)
        {
            var (image, place) = (i / (3 * size * size), i % (size * size));
            var (x, y) = (((place % size) - 7.5) * 0.263, ((place / size) - 7.5) * 0.263);
            var off = (Math.Sqrt((x * x) + (y * y)) - truth[image]) / 0.2;
            pixels[i] = (float)((3 * Math.Exp(-off * off / 2)) + (0.1 * random.NextDouble()));
        }
        CacheRows Rows() => new(
        [
            CacheValues.Tensor("image", new NdArray<float>([count, 3, size, size], pixels)), CacheValues.Reals("theta_e", truth),
        ]);
        return Cache.GetOrBuild(folder, new CacheRecipe(name), () => [Rows()]);
    }

    private static readonly RadiusOptions _short = new() { Epochs = 3, BatchSize = 8 };

    [Fact]
    public void ADispersion_IsRecordedAfterEachEpoch_AndARunThatContinuesHasEachOnce()
    {
        using var place = new Folder();
        using var training = Rings(place.At("cache"), "training", 24);
        using var validation = Rings(place.At("cache"), "validation", 10);
        TrainedRadius Fit(int epochs) => RadiusTraining.Fit(
            RadiusTechnique.BetaNll, RadiusNetwork.Named("small"), training, training, _short with { Epochs = epochs },
            new TrainingOptions { Directory = place.At("run"), Existing = ExistingRun.Resume }, CPU, validation: validation);
        using (var trained = Fit(3))
        {
            var measured = trained.Result!.History[^1].Metrics!;
            var recorded = RadiusDispersion.Read(place.At("run"));
            Assert.Equal(
                [(1, false), (1, true), (2, false), (2, true), (3, false), (3, true)],
                recorded.Select(one => (one.Epoch, one.IsValidation)));
            Assert.All(recorded, one => Assert.Equal(one.IsValidation ? 10 : 24, one.Truth.Length));
            Assert.Equal(measured["validation MSE"], recorded[^1].Mse, 1e-6);
            Assert.Equal(measured["training MSE"], recorded[^2].Mse, 1e-6);
            Assert.Equal(measured["validation |fractional error|"], recorded[^1].FractionalError.Average(Math.Abs), 1e-6);
            Assert.Equal(validation.Reals("theta_e"), recorded[^1].Truth, (a, b) => Math.Abs(a - b) < 1e-6);
        }

        // What an interrupted epoch left is written over.
        File.AppendAllText(place.At("run", RadiusDispersion.FileName), "4,1,1.0,9.0\n");
        using (Fit(4))
        {
            var recorded = RadiusDispersion.Read(place.At("run"));
            Assert.Equal(8, recorded.Count);
            Assert.Equal(10, recorded[^1].Truth.Length);
        }
        Assert.Empty(RadiusDispersion.Read(place.At("nowhere")));
    }

    [Theory]
    [InlineData(0.0, "got 0 in row 2")]
    [InlineData(-1.2, "got -1.2 in row 2")]
    [InlineData(double.NaN, "got NaN in row 2")]
    public void ARadiusThatIsNone_IsRefused(double radius, string words)
    {
        using var place = new Folder();
        using var training = Rings(place.At("cache"), "training", 8, i => i == 2 ? radius : 1);
        var failure = Assert.Throws<ArgumentException>(() => RadiusTraining.Fit(
            RadiusTechnique.BetaNll, RadiusNetwork.Named("small"), training, training, _short, new TrainingOptions(), CPU,
            cancellation: TestContext.Current.CancellationToken));
        Assert.Contains("expected θ_E > 0 arcsec of every training image, " + words, failure.Message, StringComparison.Ordinal);
    }

    /// <summary>Every image keeps its place in the batch and its pixels; a batch is not turned all in one way.</summary>
    [Theory]
    [InlineData(1)]
    [InlineData(5)]
    [InlineData(8)]
    [InlineData(19)]
    public void Augmentation_TurnsPartsOfABatchByThemselves(int rows)
    {
        using var scope = NewDisposeScope();
        manual_seed(rows);
        var image = randn(1, 3, 16, 16).expand(rows, 3, 16, 16).contiguous() + arange(rows).reshape(rows, 1, 1, 1);
        var turned = RadiusAugmentation.Turned(image);
        Assert.Equal(image.shape, turned.shape);
        Assert.True(turned.flatten(1).sort(1).Values.allclose(image.flatten(1).sort(1).Values));
        var ways = Enumerable.Range(0, rows).Select(row => (turned[row] - row).flatten().narrow(0, 0, 3).sum().ToDouble())
            .Select(sum => Math.Round(sum, 3)).Distinct().Count();
        Assert.InRange(ways, rows < 3 ? 1 : 3, Math.Min(rows, 8));
        Assert.Equal(image.shape, RadiusAugmentation.Varied(image).shape);
    }

    /// <summary>
    /// Draws that share a pass have signs of their own: their mean and variance are those of draws one by one, up to what chance leaves.
    /// </summary>
    [Fact]
    public void DrawsOfOnePass_HaveMeanAndVarianceOfALoop()
    {
        using var scope = NewDisposeScope();
        using var _ = no_grad();
        manual_seed(3);
        const int draws = 600;
        var network = RadiusNetwork.Named("small");
        using var parts = network.Make(CPU);
        var bayesian = network.Bayesian(parts, FlipoutLayers.All, 0.03);
        using var estimator = new BayesianEstimator(bayesian, draws);
        var image = randn(3, 3, 16, 16);
        var (batched, variances) = estimator.Draws(image);
        Assert.Equal([(long)draws, 3], batched.shape);
        Assert.Equal(batched.shape, variances.shape);
        var loop = stack(Enumerable.Range(0, draws).Select(draw => bayesian.Module.forward(
            ImageAugmentation.Turned(image, draw % ImageAugmentation.Turns)).select(1, 0)));
        var deviation = loop.std(0);
        var apart = ((batched.mean([0L]) - loop.mean([0L])) / deviation).abs().max().ToDouble();
        var ratio = (batched.std(0) / deviation).log().abs().max().ToDouble();
        // Of independent draws the means differ by 0.06 deviations, the logarithms of deviations by 0.04.
        Assert.True(apart < 0.3, $"means are {apart} deviations apart");
        Assert.True(ratio < 0.2, $"deviations differ by a factor of {Math.Exp(ratio)}");
    }

    /// <summary>Deviations that a network states as another function of the true ones are brought back; nothing near is likelier.</summary>
    [Theory]
    [InlineData(1, 1.0, 1.0)]
    [InlineData(2, 0.5, 1.0)]
    [InlineData(3, 2.0, 0.6)]
    [InlineData(4, 0.8, 1.7)]
    public void AScale_BringsDeviationsToWhatTheyMean(int seed, double factor, double power)
    {
        var random = new Random(seed);
        double Normal() => Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble());
        double[] truth = [.. Enumerable.Range(0, 4000).Select(_ => 0.03 * Math.Exp(2 * random.NextDouble()))];
        double[] stated = [.. truth.Select(deviation => Math.Pow(deviation / factor, 1 / power))];
        double[] errors = [.. truth.Select(deviation => deviation * Normal())];
        var scale = DeviationScale.Fit(errors, stated);
        Assert.Equal(1, scale.Power / power, 0.1);
        Assert.All(truth.Zip(stated), pair => Assert.InRange(scale.Of(pair.Second) / pair.First, 0.9, 1.1));
        double Loss(DeviationScale of)
            => errors.Zip(stated).Sum(pair => Math.Log(of.Of(pair.Second)) + (Math.Pow(pair.First / of.Of(pair.Second), 2) / 2));
        foreach (var (more, steeper) in new[] { (1.02, 0.0), (0.98, 0.0), (1.0, 0.02), (1.0, -0.02) })
        {
            // Steeper about the middle of the logarithms, where the two do not depend on each other.
            var middle = stated.Average(deviation => Math.Log(deviation));
            var near = new DeviationScale(scale.Factor * more * Math.Exp(-steeper * middle), scale.Power + steeper);
            Assert.True(Loss(near) > Loss(scale), $"{near} is likelier than {scale}");
        }
        Assert.Equal(scale, DeviationScale.Of(scale.Numbers));
        Assert.Null(DeviationScale.Of(new Dictionary<string, double>()));
        Assert.Equal(DeviationScale.None, DeviationScale.Fit([.. errors.Take(10)], [.. stated.Take(10)]));
    }

    [Fact]
    public void AScaledEstimator_HasTheEstimatesOfItsOwn_AndOtherVariances()
    {
        using var scope = NewDisposeScope();
        manual_seed(8);
        using var plain = new NetworkRadius(RadiusNetwork.Named("small").Make(CPU));
        using var scaled = new ScaledRadius(plain, new DeviationScale(0.5, 1.5));
        var image = randn(4, 3, 16, 16);
        var ((mean, variance), (same, other)) = (plain.Estimate(image), scaled.Estimate(image));
        Assert.True(mean.equal(same).all().ToBoolean());
        Assert.True((0.5 * variance.sqrt().pow(1.5)).allclose(other.sqrt(), rtol: 1e-4, atol: 1e-6));
    }

    /// <summary>Rows that are drawn by their share have the radii of a survey's lenses, whatever the training set's are.</summary>
    [Fact]
    public void AShare_MakesTrainingRadiiAsLikelyAsASurveys()
    {
        using var scope = NewDisposeScope();
        manual_seed(11);
        var random = new Random(5);
        double[] radii = [.. Enumerable.Range(0, 4000).Select(_ => 0.3 + (2.2 * random.NextDouble()))];
        var label = tensor(radii.Select(radius => (float)Math.Log(radius)).ToArray()).unsqueeze(1);
        var share = RadiusShare.Of(radii)(label);
        Assert.Equal([4000L], share.shape);
        var drawn = label.flatten().index_select(0, share.multinomial(20000, replacement: true));
        Assert.Equal(Math.Log(1.2), drawn.mean().ToDouble(), 0.05);
        Assert.InRange(drawn.std().ToDouble(), 0.28, 0.38);
        Assert.True((drawn.exp() < 0.42).to(ScalarType.Float64).mean().ToDouble() < 0.01);
        // Radii that no lens has are taken as they are.
        var other = RadiusShare.Of([5.0, 6.0, 7.0])(tensor(new[] { 1.6f, 1.8f }).unsqueeze(1));
        Assert.Equal(1, (other[0] / other[1]).ToDouble(), 1e-6);

        // Features of one domain whose labels alone are distributed otherwise are alike on those rows, and on all rows they are not.
        Tensor Features(Tensor of) => cat([of, of.square(), of.exp()], 1) + (0.05 * randn(of.size(0), 3));
        var survey = (Math.Log(1.2) + (0.35 * randn(600, 1))).clamp(Math.Log(0.5), Math.Log(2.4));
        using var parts = RadiusNetwork.Named("small").Make(CPU);
        var some = label.narrow(0, 0, 600);
        var (all, target) = (Features(some), Features(survey));
        var aligned = new Probe(parts, RadiusShare.Of(radii)).Rows(all, some);
        var (before, after) = (
            MaximumMeanDiscrepancy.Value(all, target).ToDouble(), MaximumMeanDiscrepancy.Value(aligned, target).ToDouble());
        Assert.True(after < before / 3, $"the discrepancy fell from {before} to {after}");
        Assert.Same(all, new Probe(parts, null).Rows(all, some));
    }

    /// <summary>What is made alike, looked at.</summary>
    private sealed class Probe(EncoderWithHead parts, Func<Tensor, Tensor>? share)
        : AdaptationAlgorithm(parts, null, SourceTask.Of((outputs, _) => outputs.sum(), share))
    {
        public override IReadOnlyList<optim.Optimizer> Optimisers => [];

        public override void Step(TensorBatch batch, TrainingStep step) => throw new NotSupportedException();

        public Tensor Rows(Tensor features, Tensor label) => Alignable(features, label);
    }

    /// <summary>White noise has its variance at all frequencies; a Gaussian PSF of w pixels takes exp(−4π²w²f²) of it.</summary>
    [Theory]
    [InlineData(16)]
    [InlineData(33)]
    public void ARadialSpectrum_IsFlatOfNoise_AndFallsByThePsf(int size)
    {
        using var scope = NewDisposeScope();
        manual_seed(size);
        const double width = 0.8;
        var noise = randn(400, 2, size, size, dtype: ScalarType.Float64) * tensor(new[] { 1.0, 3.0 }).reshape(1, 2, 1, 1);
        var white = RadialSpectrum.Of(noise, 6);
        Assert.Equal((6, 2), (white.Frequencies.Count, white.Power.Count));
        Assert.All(white.Power[0], power => Assert.InRange(power, 0.95, 1.05));
        Assert.All(white.Power[1], power => Assert.InRange(power, 9 * 0.95, 9 * 1.05));
        var axis = fft.fftfreq(size, dtype: ScalarType.Float64).square();
        var filter = (-2 * Math.PI * Math.PI * width * width * (axis.unsqueeze(0) + axis.unsqueeze(1))).exp();
        var blurred = RadialSpectrum.Of(fft.ifft2(fft.fft2(noise) * filter).real, 6);
        foreach (var (ring, frequency) in white.Frequencies.Select((frequency, ring) => (ring, frequency)))
        {
            var expected = Math.Exp(-4 * Math.PI * Math.PI * width * width * frequency * frequency);
            // A ring is wide: the mean over it is not that at its mean frequency.
            Assert.InRange(blurred.Power[0][ring] / white.Power[0][ring] / expected, 0.8, 1.6);
        }
        Assert.Throws<ArgumentException>(() => RadialSpectrum.Of(randn(2, 3, 8, 9)));
    }

    private sealed class Folder : IDisposable
    {
        private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("hybrid-radius-");

        public string At(params string[] names) => Path.Combine([_folder.FullName, .. names]);

        public void Dispose() => _folder.Delete(recursive: true);
    }
}
