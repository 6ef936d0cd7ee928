using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Threading;
using Hybrid.Data.Cache;
using Hybrid.Data.Systems.EinsteinRadius;
using Hybrid.Models.Adaptation;
using Hybrid.Models.Training;
using TorchSharp;
using static TorchSharp.torch;

namespace Hybrid.Models.Systems.EinsteinRadius;

/// <summary>A trained estimator. Disposing it disposes its networks.</summary>
/// <param name="Estimator">What answers.</param>
/// <param name="Result">What the last fit did; null for the constant answer.</param>
/// <param name="Learnt">What a technique learnt beside weights, by name, such as ShiftNet's numbers.</param>
public sealed record TrainedRadius(
    IRadiusEstimator Estimator, TrainingResult? Result, IReadOnlyDictionary<string, double> Learnt) : IDisposable
{
    public void Dispose() => Estimator.Dispose();
}

/// <summary>
/// Trains radius networks by any technique, all with the same networks, batches, epochs and schedule. Of the images to adapt on, labels are
/// read for the k outer images of meta-learning alone.
/// </summary>
public static class RadiusTraining
{
    /// <summary>
    /// The constant answer: the median of the radii that are known of lenses, arcsec, and the deviation of their logarithm.
    /// </summary>
    public const double ConstantAnswer = 1.2, ConstantDeviation = 0.35;

    /// <summary>Fits one technique.</summary>
    /// <param name="technique">Which one.</param>
    /// <param name="network">Of which networks.</param>
    /// <param name="training">Labelled images: columns <c>image</c> (3, H, H) and <c>theta_e</c>, arcsec.</param>
    /// <param name="adaptation">Real-like images to adapt on: <c>image</c>; <c>theta_e</c> for meta-learning alone.</param>
    /// <param name="options">Sizes, rates, weights, seed.</param>
    /// <param name="run">Directory and what stands there; its epochs, seed and schedule are those of <paramref name="options"/>.</param>
    /// <param name="device">Where to train.</param>
    /// <param name="baseline">The trained network that the technique begins with (<see cref="RadiusTechniqueFacts.Begins"/>); it is not
    /// changed.</param>
    /// <param name="progress">Receives steps and epochs.</param>
    /// <param name="validation">Real-like images with labels, on which every epoch is measured and by which deviations are scaled; weights
    /// and estimates do not depend on them. Null: none.</param>
    /// <param name="cancellation">Ends the training after the running step.</param>
    /// <exception cref="ArgumentException">A baseline is missing, or a cache has fewer images than a batch.</exception>
    /// <exception cref="OperationCanceledException">It was cancelled.</exception>
    public static TrainedRadius Fit(
        RadiusTechnique technique, RadiusNetwork network, Cache training, Cache adaptation, RadiusOptions options, TrainingOptions run,
        Device device, EncoderWithHead? baseline = null, IProgress<FitProgress>? progress = null, Cache? validation = null,
        CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(network);
        ArgumentNullException.ThrowIfNull(training);
        ArgumentNullException.ThrowIfNull(adaptation);
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(run);
        options.Check();
        var facts = RadiusTechniques.Of(technique);
        if (facts.Begins is { } needed && baseline is null)
            throw new ArgumentException(
                $"RadiusTraining: {facts.Name} begins with a trained {RadiusTechniques.Of(needed).Name}; got none.", nameof(baseline));
        foreach (var (name, cache) in new[] { ("training", training), ("adaptation", adaptation) })
        {
            if (cache.Count < options.BatchSize)
                throw new ArgumentException(
                    $"RadiusTraining: expected at least one batch of {Plural.Of(options.BatchSize, $"{name} image")}, got {cache.Count}. "
                        + "Use a smaller batch.",
                    nameof(options));
        }
        var radii = training.Reals("theta_e");
        if (Array.FindIndex(radii, radius => !(radius > 0 && double.IsFinite(radius))) is >= 0 and var row)
            throw new ArgumentException(
                $"RadiusTraining: expected θ_E > 0 arcsec of every training image, got {radii[row]} in row {row}.", nameof(training));
        return technique == RadiusTechnique.Constant
            ? new TrainedRadius(new ConstantRadius(ConstantAnswer, ConstantDeviation), null, new Dictionary<string, double>())
            : Scaled(
                new Fitting(facts, network, training, adaptation, options, run, device, progress, validation, cancellation).Do(baseline),
                facts, device, validation);
    }

    /// <summary>The same with deviations that are right on the images that choose, where there are such.</summary>
    private static TrainedRadius Scaled(TrainedRadius trained, RadiusTechniqueFacts facts, Device device, Cache? validation)
    {
        if (validation is null || facts.Loss != RadiusLoss.BetaNll) return trained;
        var (estimates, deviations) = RadiusPredictions.Estimates(trained.Estimator, validation, device, null);
        var scale = DeviationScale.Fit(
            [.. validation.Reals("theta_e").Zip(estimates, (truth, estimate) => Math.Log(truth / estimate))], deviations);
        return trained with
        {
            Estimator = new ScaledRadius(trained.Estimator, scale), Learnt = trained.Learnt.Concat(scale.Numbers).ToDictionary(),
        };
    }

    /// <summary>An estimator of the same shape as a technique's, for its weights to be read into.</summary>
    public static IRadiusEstimator Empty(RadiusTechnique technique, RadiusNetwork network, RadiusOptions options, Device device)
    {
        ArgumentNullException.ThrowIfNull(network);
        ArgumentNullException.ThrowIfNull(options);
        if (technique == RadiusTechnique.Constant) return new ConstantRadius(ConstantAnswer, ConstantDeviation);
        var parts = network.Make(device);
        if (technique == RadiusTechnique.Bayesian)
        {
            using (parts) return new BayesianEstimator(network.Bayesian(parts, options.Drawn, options.InitialSigma), options.Draws);
        }
        return new NetworkRadius(
            parts,
            technique is RadiusTechnique.Flow or RadiusTechnique.ContinuousFlow
                ? FeatureFlow.Empty(network.Features, FlowOptions(technique, options))
                : null);
    }

    /// <summary>Batches of images and ln θ_E as <c>label</c>.</summary>
    private static IBatchSource Labelled(Cache cache, BatchOptions sizes)
        => new CacheBatches(cache, sizes, "image", "theta_e").Transform(
            batch => new TensorBatch(("image", batch["image"]), ("label", batch["theta_e"].log().unsqueeze(1))));

    private static FeatureFlowOptions FlowOptions(RadiusTechnique technique, RadiusOptions options)
        => new()
        {
            Kind = technique == RadiusTechnique.Flow ? FeatureFlowKind.Couplings : FeatureFlowKind.Continuous,
            Dimensions = options.FlowDimensions, Steps = options.FlowSteps, Seed = options.Seed,
        };

    private sealed class Fitting(
        RadiusTechniqueFacts facts, RadiusNetwork network, Cache training, Cache adaptation, RadiusOptions options, TrainingOptions run,
        Device device, IProgress<FitProgress>? progress, Cache? validation, CancellationToken cancellation)
    {
        private static readonly Dictionary<string, double> _nothing = [];

        private readonly BatchOptions _sizes = new() { BatchSize = options.BatchSize, Seed = (int)options.Seed, DropLast = true };

        // Real fields are few, and networks learn their faces: each injected image gets another brightness and other colours as well.
        private readonly Augmentation _turned = new(
            image => facts.IsInjected ? RadiusAugmentation.Varied(image) : RadiusAugmentation.Turned(image), RadiusAugmentation.Turned);

        public TrainedRadius Do(EncoderWithHead? baseline)
        {
            manual_seed(unchecked((long)(Seeds.Derive((ulong)options.Seed, "radius weights") >> 1)));
            switch (facts.Technique)
            {
                case RadiusTechnique.Bayesian: return Bayesian(baseline!);
                case RadiusTechnique.Flow or RadiusTechnique.ContinuousFlow: return Flow(baseline!);
                case RadiusTechnique.ShiftNet: return Shifted();
                case RadiusTechnique.Gan: return Generated();
                default: return Plain(_turned, _nothing);
            }
        }

        private TrainedRadius Plain(Augmentation augmentation, IReadOnlyDictionary<string, double> learnt)
        {
            var parts = network.Make(device);
            var owned = new List<IDisposable>();
            try
            {
                var batches = facts.IsAdapted && augmentation == _turned ? Both() : Source();
                var steps = (long)options.Epochs * batches.BatchesPerEpoch!.Value;
                var result = Trained(Trainer.Fit(
                    Algorithm(parts, augmentation, steps, owned), batches, null, Watched(options.Epochs, parts.Outputs), progress,
                    cancellation));
                // Domains passed apart: running statistics are a mixture that neither saw.
                if (facts.IsAdapted && augmentation == _turned)
                    BatchStatistics.Adapt(parts, adaptation, options.BatchSize);
                parts.Module.eval();
                return new TrainedRadius(new NetworkRadius(parts), result, learnt);
            }
            catch
            {
                parts.Dispose();
                throw;
            }
            finally
            {
                foreach (var one in owned) one.Dispose();
            }
        }

        private TrainingAlgorithm Algorithm(EncoderWithHead parts, Augmentation augmentation, long steps, List<IDisposable> owned)
        {
            var optimiser = Own(optim.AdamW(parts.Module.parameters(), lr: options.LearningRate, weight_decay: options.WeightDecay));
            var share = facts.IsAdapted ? RadiusShare.Of(training.Reals("theta_e")) : null;
            var task = SourceTask.Of((outputs, target) => RadiusLosses.Value(facts.Loss, outputs, target), share);
            switch (facts.Technique)
            {
                case RadiusTechnique.Maml or RadiusTechnique.FirstOrderMaml:
                    return new Maml(
                        parts, network.Functional(parts), optimiser, Outer(owned), options.InnerRate,
                        facts.Technique == RadiusTechnique.FirstOrderMaml, augmentation);
                case RadiusTechnique.Fgsm or RadiusTechnique.Pgd:
                    return new AdversarialTraining(
                        parts, optimiser, facts.Loss, options.Epsilon / RadiusPreprocessing.SoftSkies,
                        facts.Technique == RadiusTechnique.Fgsm ? 1 : options.PgdSteps, augmentation);
                case RadiusTechnique.Mmd or RadiusTechnique.InjectionMmd:
                    return new FeatureAlignment(
                        parts, optimiser, FeatureDistance.Mmd, options.MmdWeight, steps, augmentation, task);
                case RadiusTechnique.Coral:
                    return new FeatureAlignment(
                        parts, optimiser, FeatureDistance.Coral, options.CoralWeight, steps, augmentation, task);
                case RadiusTechnique.Dann:
                    var critic = Own(new DomainCritic(features: network.Features, device: device));
                    return new DomainAdversarial(
                        parts, critic, optimiser, Own(optim.AdamW(critic.parameters(), lr: options.LearningRate)),
                        options.DannWeight, steps, augmentation, task);
                default:
                    return new SourceOnly(parts, optimiser, augmentation, task);
            }

            T Own<T>(T one) where T : IDisposable
            {
                owned.Add(one);
                return one;
            }
        }

        /// <summary>Options of a fit whose dispersion is recorded after each epoch, where there are images to choose by.</summary>
        private TrainingOptions Watched(int epochs, Func<Tensor, Tensor> outputs)
        {
            if (validation is null) return Options(epochs);
            var recorder = new RadiusDispersion.Recorder(outputs, training, validation, device);
            return Options(epochs) with { AfterEpoch = recorder.Measured, Callbacks = [recorder] };
        }

        private TrainedRadius Bayesian(EncoderWithHead trained)
        {
            var bayesian = network.Bayesian(trained, options.Drawn, options.InitialSigma);
            using var optimiser = optim.AdamW(bayesian.Module.parameters(), lr: options.LearningRate / 4, weight_decay: 0);
            var images = training.Count;
            var result = Trained(Trainer.Fit(
                bayesian.Module, optimiser,
                batch => RadiusLosses.Value(
                        facts.Loss, bayesian.Module.forward(_turned.Weak(batch["source.image"])), batch["source.label"])
                    + bayesian.Divergence(images),
                Source(), null, Watched(Math.Max(1, options.Epochs / 2), bayesian.Module.forward), progress, cancellation));
            bayesian.Module.eval();
            return new TrainedRadius(new BayesianEstimator(bayesian, options.Draws), result, _nothing);
        }

        private TrainedRadius Flow(EncoderWithHead trained)
        {
            trained.Module.eval();
            using var scope = NewDisposeScope();
            var (source, target) = (Features(trained, training), Features(trained, adaptation));
            var map = FeatureFlow.Fit(source, target, FlowOptions(facts.Technique, options), progress, cancellation);
            cancellation.ThrowIfCancellationRequested();
            var copy = network.Make(device);
            copy.CopyFrom(trained);
            copy.Module.eval();
            return new TrainedRadius(
                new NetworkRadius(copy, map), null,
                new Dictionary<string, double> { ["surprise before"] = map.Surprise.Before, ["surprise after"] = map.Surprise.After });
        }

        private TrainedRadius Shifted()
        {
            using var shift = new ShiftNet(new SurveyShift(device: device), Size);
            using var optimiser = optim.Adam(shift.Network.parameters(), lr: 0.03);
            var before = Distance(image => image);
            Trained(Trainer.Fit(
                new ShiftNet.Algorithm(shift, optimiser), Images(), null, Steps(options.ShiftSteps, "shift"), progress, cancellation));
            var learnt = new Dictionary<string, double>
            {
                ["image distance before"] = before, ["image distance after"] = Distance(shift.Shifted),
            };
            foreach (var (band, number) in shift.Bands.Select((band, number) => (band, number)))
            {
                learnt[$"band {number} flux"] = band.Scale;
                learnt[$"band {number} offset"] = band.Offset;
                learnt[$"band {number} psf pixels"] = band.PsfPixels;
                learnt[$"band {number} noise"] = band.Noise;
            }
            return Plain(After(shift.Shifted), learnt);
        }

        private TrainedRadius Generated()
        {
            using var gan = new ImageGan(Size, device);
            using var generator = optim.Adam(
                gan.Shift.Network.parameters().Concat(gan.Translator.parameters()), lr: 2e-3, beta1: 0.5, beta2: 0.9);
            using var critic = optim.Adam(gan.Critic.parameters(), lr: 2e-3, beta1: 0.5, beta2: 0.9);
            var before = Distance(image => image);
            Trained(Trainer.Fit(
                new ImageGan.Algorithm(gan, generator, critic, options.CriticSteps, options.ContentWeight), Images(), null,
                Steps(options.GeneratorSteps, "gan"), progress, cancellation));
            var learnt = new Dictionary<string, double>
            {
                ["image distance before"] = before, ["image distance after"] = Distance(gan.Translated),
            };
            return Plain(After(gan.Translated), learnt);
        }

        /// <summary>Images changed first, then turned.</summary>
        private Augmentation After(Func<Tensor, Tensor> change)
            => new(
                image =>
                {
                    using var _ = no_grad();
                    return RadiusAugmentation.Turned(change(image));
                },
                image => image);

        private (Tensor Image, Tensor Target) Outer(List<IDisposable> owned)
        {
            var radii = adaptation.Reals("theta_e");
            var chosen = Maml.OuterData(radii, options.OuterLabels);
            var pixels = new float[chosen.Length * 3 * Size * Size];
            adaptation.ReadTensors("image", chosen, pixels);
            var image = tensor(pixels, [chosen.Length, 3, Size, Size], device: device);
            var target = tensor(chosen.Select(i => (float)Math.Log(radii[i])).ToArray(), [chosen.Length, 1], device: device);
            owned.Add(image.DetachFromDisposeScope());
            owned.Add(target.DetachFromDisposeScope());
            return (image, target);
        }

        /// <summary>How far changed simulations are from images to adapt on, over up to 256 of each.</summary>
        private double Distance(Func<Tensor, Tensor> change)
        {
            using var _ = no_grad();
            using var scope = NewDisposeScope();
            return ImageDistance.Of(change(First(training)), First(adaptation)).ToDouble();
        }

        private Tensor First(Cache cache)
        {
            var sizes = new BatchOptions { BatchSize = Math.Min(256, cache.Count), Seed = 1 };
            foreach (var batch in new CacheBatches(cache, sizes, "image").Epoch(0, 0))
                return batch["image"].to(device);
            throw new ArgumentException("RadiusTraining: expected images, got none.");
        }

        private Tensor Features(EncoderWithHead trained, Cache cache)
        {
            using var _ = no_grad();
            using var scope = NewDisposeScope();
            var parts = new List<Tensor>();
            foreach (var batch in new CacheBatches(cache, new BatchOptions { BatchSize = 250, Shuffle = false }, "image").Epoch(0, 0))
                parts.Add(trained.Encoder.forward(batch["image"].to(device)));
            return cat(parts).MoveToOuterDisposeScope();
        }

        private int Size => training.Columns.First(column => column.Name == "image").Shape[2];

        private IBatchSource Source() => BatchTransforms.Together(("source", OnDevice(Labelled(training, _sizes))));

        private IBatchSource Both()
            => BatchTransforms.Together(
                ("source", OnDevice(Labelled(training, _sizes))),
                ("target", OnDevice(new CacheBatches(adaptation, _sizes, "image"))));

        private IBatchSource Images()
            => BatchTransforms.Together(
                ("source", OnDevice(new CacheBatches(training, _sizes, "image"))),
                ("target", OnDevice(new CacheBatches(adaptation, _sizes, "image"))));

        private IBatchSource OnDevice(IBatchSource batches)
            => device.type == DeviceType.CPU
                ? batches
                : batches.Transform(batch => new TensorBatch([.. batch.Names.Select(name => (name, batch[name].to(device)))]));

        private TrainingOptions Options(int epochs)
            => run with
            {
                Epochs = epochs, Seed = options.Seed, KeepBest = false, Schedule = RateSchedule.WarmUpCosine(0.1), ClipNorm = 5,
            };

        /// <summary>A fit of so many steps before the networks', in a folder of its own.</summary>
        private TrainingOptions Steps(int steps, string folder)
        {
            var perEpoch = Images().BatchesPerEpoch!.Value;
            return Options((steps + perEpoch - 1) / perEpoch) with
            {
                MaxSteps = steps, Directory = run.Directory is null ? null : Path.Combine(run.Directory, folder), Notes = null,
            };
        }

        private TrainingResult Trained(TrainingResult result)
        {
            if (result.Reason == StopReason.Cancelled) throw new OperationCanceledException(cancellation);
            return result;
        }
    }
}
