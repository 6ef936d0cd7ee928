using System;
using System.Collections.Generic;
using System.Linq;
using Hybrid.Data.Cache;
using Hybrid.Models.Adaptation;
using Hybrid.Models.Training;
using TorchSharp;
using static TorchSharp.torch;

namespace Hybrid.Models.Systems.LensFinding;

/// <summary>What a classifier says of images, beside what they are.</summary>
/// <param name="Label">The class of each.</param>
/// <param name="LogProbability">Of each image a value for each class.</param>
public sealed record ClassScores(int[] Label, double[][] LogProbability)
{
    /// <summary>Images.</summary>
    public int Count => Label.Length;

    /// <summary>Scores the images of a cache: log probabilities averaged over their eight rotations and reflections.</summary>
    /// <param name="classifier">In evaluation mode.</param>
    /// <param name="cache">With the columns <c>image</c> and <c>label</c>.</param>
    /// <param name="device">Where the classifier is.</param>
    public static ClassScores Of(EncoderWithHead classifier, Cache cache, Device device)
    {
        ArgumentNullException.ThrowIfNull(classifier);
        ArgumentNullException.ThrowIfNull(cache);
        var rows = new List<double[]>(cache.Count);
        using var _ = no_grad();
        foreach (var batch in new CacheBatches(cache, new BatchOptions { BatchSize = 250, Shuffle = false }, "image").Epoch(0, 0))
        {
            using var scope = NewDisposeScope();
            var mean = ImageAugmentation.OverTurns(
                batch["image"].to(device), turned => classifier.Outputs(turned).log_softmax(1)).log_softmax(1); // (B, classes)
            rows.AddRange(mean.cpu().to(ScalarType.Float64).data<double>().ToArray().Chunk((int)mean.size(1)));
        }
        return new ClassScores(cache.Integers("label").Select(label => (int)label).ToArray(), [.. rows]);
    }
}
