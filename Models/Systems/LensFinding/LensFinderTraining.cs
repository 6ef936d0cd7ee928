using System;
using System.Collections.Generic;
using System.Threading;
using Hybrid.Data.Cache;
using Hybrid.Models.Adaptation;
using Hybrid.Models.Training;
using TorchSharp;
using static TorchSharp.torch;

namespace Hybrid.Models.Systems.LensFinding;

/// <summary>A trained lens finder. Disposing it disposes its networks.</summary>
/// <param name="predictor">What answers for the target domain.</param>
/// <param name="result">What the fit did; null for what is adapted without one.</param>
public sealed class TrainedLensFinder(EncoderWithHead predictor, TrainingResult? result) : IDisposable
{
    /// <summary>What answers for the target domain, in evaluation mode.</summary>
    public EncoderWithHead Predictor { get; } = predictor;

    /// <summary>What the fit did; null for what is adapted without one.</summary>
    public TrainingResult? Result { get; } = result;

    public void Dispose() => Predictor.Dispose();
}

/// <summary>
/// Trains lens finders by any method, all with the same networks, batches, epochs and schedule. Of the target's cache only images are read,
/// but by the supervised bound.
/// </summary>
public static class LensFinderTraining
{
    /// <summary>Fits one method.</summary>
    /// <param name="method">Which one.</param>
    /// <param name="make">Makes the encoder and head, on the device where they shall be.</param>
    /// <param name="source">Labelled simulations: columns <c>image</c> and <c>label</c>.</param>
    /// <param name="target">Target images to adapt on: <c>image</c>; <c>label</c> for the supervised bound alone.</param>
    /// <param name="options">Sizes, rates, weights, seed.</param>
    /// <param name="run">Directory and what stands there; its epochs, seed and schedule are those of <paramref name="options"/>.</param>
    /// <param name="baseline">The trained baseline, where the method begins with it
    /// (<see cref="LensFindingMethods.BeginsWithBaseline"/>); it is not changed.</param>
    /// <param name="progress">Receives steps and epochs.</param>
    /// <param name="cancellation">Ends the training after the running step.</param>
    /// <exception cref="ArgumentException">A baseline is missing, or a cache has fewer images than a batch.</exception>
    public static TrainedLensFinder Fit(
        LensFindingMethod method, Func<EncoderWithHead> make, Cache source, Cache target, LensFindingOptions options, TrainingOptions run,
        EncoderWithHead? baseline = null, IProgress<FitProgress>? progress = null, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(make);
        ArgumentNullException.ThrowIfNull(source);
        ArgumentNullException.ThrowIfNull(target);
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(run);
        options.Check();
        if (LensFindingMethods.BeginsWithBaseline(method) && baseline is null)
            throw new ArgumentException(
                $"LensFinderTraining: {LensFindingMethods.NameOf(method)} begins with a trained baseline; got none.", nameof(baseline));
        foreach (var (name, cache) in new[] { ("source", source), ("target", target) })
        {
            if (cache.Count < options.BatchSize)
                throw new ArgumentException(
                    $"LensFinderTraining: expected at least one batch of {Plural.Of(options.BatchSize, $"{name} image")}, "
                        + $"got {cache.Count}. Use a smaller batch.",
                    nameof(options));
        }

        manual_seed(unchecked((long)Seeds.Derive((ulong)options.Seed, "weights")));
        var classifier = make();
        if (method == LensFindingMethod.AdaBn)
        {
            classifier.CopyFrom(baseline!);
            BatchStatistics.Adapt(classifier, target, options.BatchSize);
            classifier.Module.eval();
            return new TrainedLensFinder(classifier, null);
        }

        var batches = Batches(method, source, target, options);
        var steps = (long)options.Epochs * batches.BatchesPerEpoch!.Value;
        var augmentation = LensAugmentation.Default;
        var device = classifier.Device;
        var owned = new List<IDisposable>();
        var algorithm = Algorithm();
        try
        {
            var result = Trainer.Fit(
                algorithm, batches, null,
                run with
                {
                    Epochs = options.Epochs, Seed = options.Seed, KeepBest = false, Schedule = RateSchedule.WarmUpCosine(0.1),
                    ClipNorm = 5,
                },
                progress, cancellation);
            // Domains passed apart, each normalised by its own batches; running statistics are a mixture that neither saw.
            if (method is LensFindingMethod.Mmd or LensFindingMethod.Coral or LensFindingMethod.Dann or LensFindingMethod.Wdgrl
                or LensFindingMethod.SelfEnsembling)
                BatchStatistics.Adapt(algorithm.Predictor, target, options.BatchSize);
            algorithm.Predictor.Module.eval();
            return new TrainedLensFinder(algorithm.Predictor, result);
        }
        finally
        {
            foreach (var one in owned) one.Dispose();
            if (algorithm.Predictor != classifier) classifier.Dispose();
        }

        AdaptationAlgorithm Algorithm()
        {
            var optimiser = AdamW(classifier.Module.parameters(), options.LearningRate);
            switch (method)
            {
                case LensFindingMethod.SourceOnly or LensFindingMethod.Supervised:
                    return new SourceOnly(classifier, optimiser, augmentation);
                case LensFindingMethod.Mmd:
                    return new FeatureAlignment(classifier, optimiser, FeatureDistance.Mmd, options.MmdWeight, steps, augmentation);
                case LensFindingMethod.Coral:
                    return new FeatureAlignment(classifier, optimiser, FeatureDistance.Coral, options.CoralWeight, steps, augmentation);
                case LensFindingMethod.Dann:
                    var (domains, ofDomains) = Critic();
                    return new DomainAdversarial(classifier, domains, optimiser, ofDomains, options.DannWeight, steps, augmentation);
                case LensFindingMethod.Wdgrl:
                    var (critic, ofCritic) = Critic();
                    return new Wasserstein(
                        classifier, critic, optimiser, ofCritic, options.WdgrlWeight, steps, augmentation: augmentation);
                case LensFindingMethod.Adda:
                    var (discriminator, ofDiscriminator) = Critic();
                    var encoder = AdamW(classifier.Encoder.parameters(), options.LearningRate * options.AddaRateShare);
                    return new Adda(baseline!, classifier, discriminator, encoder, ofDiscriminator, augmentation);
                case LensFindingMethod.SelfEnsembling:
                    return new SelfEnsembling(
                        classifier, make(), optimiser, steps, options.TeacherDecay, options.ConsistencyWeight, augmentation: augmentation);
                case LensFindingMethod.AdaMatch:
                    return new AdaMatch(classifier, optimiser, steps, options.AdaMatchThreshold, augmentation);
                default:
                    throw new ArgumentOutOfRangeException(nameof(method), $"LensFinderTraining: unknown method {method}.");
            }
        }

        optim.Optimizer AdamW(IEnumerable<TorchSharp.Modules.Parameter> parameters, double rate)
        {
            var optimiser = optim.AdamW(parameters, lr: rate, weight_decay: options.WeightDecay);
            owned.Add(optimiser);
            return optimiser;
        }

        (DomainCritic, optim.Optimizer) Critic()
        {
            using var _ = no_grad();
            using var scope = NewDisposeScope();
            var features = classifier.Encoder.forward(SampleImages(target, device)).size(1);
            var critic = new DomainCritic(features: features, device: device);
            owned.Add(critic);
            return (critic, AdamW(critic.parameters(), options.LearningRate));
        }
    }

    private static IBatchSource Batches(LensFindingMethod method, Cache source, Cache target, LensFindingOptions options)
    {
        var sizes = new BatchOptions { BatchSize = options.BatchSize, Seed = (int)options.Seed, DropLast = true };
        if (LensFindingMethods.IsSupervised(method))
            return BatchTransforms.Together(("source", new CacheBatches(target, sizes, "image", "label")));
        return BatchTransforms.Together(
            ("source", new CacheBatches(source, sizes, "image", "label")), ("target", new CacheBatches(target, sizes, "image")));
    }

    private static Tensor SampleImages(Cache cache, Device device)
    {
        foreach (var batch in new CacheBatches(cache, new BatchOptions { BatchSize = 2, Shuffle = false }, "image").Epoch(0, 0))
            return batch["image"].to(device);
        throw new ArgumentException("LensFinderTraining: expected target images, got none.", nameof(cache));
    }
}
