using System;
using System.Collections.Generic;
using System.Linq;
using Hybrid.Data.Cache;
using Hybrid.Models.Adaptation;
using Hybrid.Models.Training;
using TorchSharp;
using static TorchSharp.torch;

namespace Hybrid.Models.Systems.LensFinding;

/// <summary>What a lens finder says of images, beside what is known of them; a value an image.</summary>
/// <param name="IsLens">Whether it shows a lens.</param>
/// <param name="Score">The logarithm of the odds that it does.</param>
/// <param name="Galaxy">The real galaxy in it; −1 where it is simulated.</param>
/// <param name="NonLens">Its kind of non-lens (NonLens of the simulators); −1 of lenses.</param>
/// <param name="ThetaE">Einstein radius, arcsec; 0 without a lens.</param>
public sealed record LensScores(bool[] IsLens, double[] Score, int[] Galaxy, int[] NonLens, double[] ThetaE)
{
    /// <summary>Magnitude of the image's light in its first band; empty where it is not known.</summary>
    public double[] Magnitude { get; init; } = [];

    /// <summary>Signal-to-noise ratio of that light; empty where it is not known.</summary>
    public double[] SignalToNoise { get; init; } = [];

    /// <summary>Images.</summary>
    public int Count => IsLens.Length;

    /// <summary>Probabilities of a lens, in [0, 1].</summary>
    public double[] Probability => Score.Select(score => 1 / (1 + Math.Exp(-score))).ToArray();

    /// <summary>Scores the images of a cache, averaged over their eight rotations and reflections.</summary>
    /// <param name="classifier">In evaluation mode.</param>
    /// <param name="cache">With the columns of lens finding's domains.</param>
    /// <param name="device">Where the classifier is.</param>
    public static LensScores Of(EncoderWithHead classifier, Cache cache, Device device)
    {
        ArgumentNullException.ThrowIfNull(classifier);
        ArgumentNullException.ThrowIfNull(cache);
        var scores = new List<double>(cache.Count);
        using var _ = no_grad();
        foreach (var batch in Images(cache))
        {
            using var scope = NewDisposeScope();
            scores.AddRange(Average(classifier, batch["image"].to(device)).cpu().to(ScalarType.Float64).data<double>());
        }
        var columns = cache.Columns.Select(column => column.Name).ToHashSet();
        return new LensScores(
            cache.Integers("label").Select(label => label == 1).ToArray(), [.. scores], Whole("galaxy"), Whole("non_lens"),
            columns.Contains("theta_e") ? cache.Reals("theta_e") : new double[cache.Count])
        {
            Magnitude = Known("magnitude"), SignalToNoise = Known("signal_to_noise"),
        };

        int[] Whole(string name)
            => columns.Contains(name)
                ? cache.Integers(name).Select(value => (int)value).ToArray()
                : Enumerable.Repeat(-1, cache.Count).ToArray();

        double[] Known(string name) => columns.Contains(name) ? cache.Reals(name) : [];
    }

    /// <summary>Log odds of a lens, averaged over the eight rotations and reflections of each image: (B).</summary>
    /// <param name="classifier">Of two classes, in evaluation mode.</param>
    /// <param name="image">(B, C, H, H).</param>
    public static Tensor Average(EncoderWithHead classifier, Tensor image)
    {
        ArgumentNullException.ThrowIfNull(classifier);
        ArgumentNullException.ThrowIfNull(image);
        return ImageAugmentation.OverTurns(image, turned => classifier.Score(turned).Score);
    }

    /// <summary>Features of images, as they are.</summary>
    /// <param name="classifier">In evaluation mode.</param>
    /// <param name="cache">With a column <c>image</c>.</param>
    /// <param name="most">At most so many, from its start.</param>
    /// <param name="device">Where the classifier is.</param>
    /// <returns>(N, F), on the CPU; the caller's.</returns>
    public static Tensor Features(EncoderWithHead classifier, Cache cache, int most, Device device)
    {
        ArgumentNullException.ThrowIfNull(classifier);
        ArgumentNullException.ThrowIfNull(cache);
        using var _ = no_grad();
        using var scope = NewDisposeScope();
        var parts = new List<Tensor>();
        var count = 0L;
        foreach (var batch in Images(cache))
        {
            if (count >= most) break;
            parts.Add(classifier.Encoder.forward(batch["image"].to(device)).cpu());
            count += batch.Rows;
        }
        return cat(parts).narrow(0, 0, Math.Min(most, count)).clone().MoveToOuterDisposeScope();
    }

    private static IEnumerable<TensorBatch> Images(Cache cache)
        => new CacheBatches(cache, new BatchOptions { BatchSize = 250, Shuffle = false }, "image").Epoch(0, 0);
}
