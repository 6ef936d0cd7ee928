using System;

namespace Hybrid.Models.Systems.EinsteinRadius;

/// <summary>How radius networks are trained. Where each default comes from: docs/results.md, "Einstein radii".</summary>
public sealed record RadiusOptions
{
    /// <summary>Epochs, ≥ 1; the last weights are kept.</summary>
    public int Epochs { get; init; } = 20;

    /// <summary>Images of each domain in a batch, ≥ 2.</summary>
    public int BatchSize { get; init; } = 32;

    /// <summary>AdamW's largest learning rate.</summary>
    public double LearningRate { get; init; } = 2e-3;

    /// <summary>AdamW's weight decay, ≥ 0.</summary>
    public double WeightDecay { get; init; } = 1e-3;

    /// <summary>Weight of the maximum mean discrepancy.</summary>
    public double MmdWeight { get; init; } = 1;

    /// <summary>Weight of the covariances' distance.</summary>
    public double CoralWeight { get; init; } = 10;

    /// <summary>Weight of the reversed gradient.</summary>
    public double DannWeight { get; init; } = 0.1;

    /// <summary>Deviation of the posteriors about the trained weights at first.</summary>
    public double InitialSigma { get; init; } = 0.02;

    /// <summary>Whose weights are drawn: the original's choice is the convolutions.</summary>
    public FlipoutLayers Drawn { get; init; } = FlipoutLayers.All;

    /// <summary>Draws of a Bayesian network's answer, ≥ 2.</summary>
    public int Draws { get; init; } = 50;

    /// <summary>Labels of real-like images in meta-learning's outer data, ≥ 2; never of the test.</summary>
    public int OuterLabels { get; init; } = 5;

    /// <summary>Learning rate of meta-learning's inner step.</summary>
    public double InnerRate { get; init; } = 0.05;

    /// <summary>How far an adversarial image moves at most, in deviations of the sky.</summary>
    public double Epsilon { get; init; } = 0.5;

    /// <summary>Steps that PGD takes to get there.</summary>
    public int PgdSteps { get; init; } = 3;

    /// <summary>Steps in which ShiftNet learns its numbers.</summary>
    public int ShiftSteps { get; init; } = 300;

    /// <summary>Steps of the generator.</summary>
    public int GeneratorSteps { get; init; } = 300;

    /// <summary>Updates of the critic before each of the generator.</summary>
    public int CriticSteps { get; init; } = 3;

    /// <summary>Weight of the generator's content loss.</summary>
    public double ContentWeight { get; init; } = 10;

    /// <summary>Principal components of the features that a flow maps.</summary>
    public int FlowDimensions { get; init; } = 8;

    /// <summary>Steps in which a flow learns, for the source's density and for the map each.</summary>
    public int FlowSteps { get; init; } = 600;

    /// <summary>Seed of weights, shuffling and augmentation.</summary>
    public long Seed { get; init; } = 1;

    /// <exception cref="ArgumentException">A value is out of its range; the message names the option.</exception>
    public void Check()
    {
        if (Epochs < 1) throw new ArgumentException($"--epochs: expected at least 1, got {Epochs}.");
        if (BatchSize < 2) throw new ArgumentException($"--batch: expected at least 2 images, which BatchNorm needs, got {BatchSize}.");
        if (!(LearningRate > 0)) throw new ArgumentException($"--learning-rate: expected a number > 0, got {LearningRate}.");
        if (Draws < 2) throw new ArgumentException($"--draws: expected at least 2, got {Draws}.");
        if (Math.Min(ShiftSteps, Math.Min(GeneratorSteps, FlowSteps)) is < 1 and var steps)
            throw new ArgumentException($"--adaptation-steps: expected at least 1, got {steps}.");
        if (OuterLabels < 2) throw new ArgumentException($"--outer-labels: expected at least 2, got {OuterLabels}.");
        if (!(Epsilon > 0)) throw new ArgumentException($"--epsilon: expected a number > 0 deviations of the sky, got {Epsilon}.");
    }
}
