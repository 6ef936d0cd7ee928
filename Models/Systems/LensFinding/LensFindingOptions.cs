using System;

namespace Hybrid.Models.Systems.LensFinding;

/// <summary>How lens finders are trained. Where each default comes from: docs/results.md, "Lens finding".</summary>
public sealed record LensFindingOptions
{
    /// <summary>Epochs, ≥ 1: the last weights are kept, as nothing of the target may choose.</summary>
    public int Epochs { get; init; } = 10;

    /// <summary>Images of each domain in a batch, ≥ 2.</summary>
    public int BatchSize { get; init; } = 64;

    /// <summary>AdamW's largest learning rate.</summary>
    public double LearningRate { get; init; } = 3e-3;

    /// <summary>AdamW's weight decay, ≥ 0.</summary>
    public double WeightDecay { get; init; } = 1e-3;

    /// <summary>Weight of the maximum mean discrepancy.</summary>
    public double MmdWeight { get; init; } = 1;

    /// <summary>Weight of the covariances' distance.</summary>
    public double CoralWeight { get; init; } = 10;

    /// <summary>Weight of the reversed gradient.</summary>
    public double DannWeight { get; init; } = 0.3;

    /// <summary>Weight of the Wasserstein distance.</summary>
    public double WdgrlWeight { get; init; } = 0.1;

    /// <summary>ADDA's learning rate of the target encoder, as a share of <see cref="LearningRate"/>.</summary>
    public double AddaRateShare { get; init; } = 0.03;

    /// <summary>Weight of the teacher's answers in self-ensembling; the paper's.</summary>
    public double ConsistencyWeight { get; init; } = 3;

    /// <summary>Decay of the teacher's average.</summary>
    public double TeacherDecay { get; init; } = 0.99;

    /// <summary>AdaMatch's τ; the paper's.</summary>
    public double AdaMatchThreshold { get; init; } = 0.9;

    /// <summary>Seed of weights, shuffling and augmentation.</summary>
    public long Seed { get; init; } = 1;

    /// <exception cref="ArgumentException">A value is out of its range; the message names the option.</exception>
    public void Check()
    {
        if (Epochs < 1) throw new ArgumentException($"--epochs: expected at least 1, got {Epochs}.");
        if (BatchSize < 2) throw new ArgumentException($"--batch: expected at least 2 images, which BatchNorm needs, got {BatchSize}.");
        if (!(LearningRate > 0)) throw new ArgumentException($"--learning-rate: expected a number > 0, got {LearningRate}.");
        if (!(WeightDecay >= 0)) throw new ArgumentException($"--weight-decay: expected a number ≥ 0, got {WeightDecay}.");
    }
}
