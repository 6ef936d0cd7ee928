using System;
using System.Collections.Generic;
using Hybrid.Models.Training;
using static TorchSharp.torch;

namespace Hybrid.Models.Adaptation;

/// <summary>Which distance of the domains' features is made small.</summary>
public enum FeatureDistance
{
    /// <summary><see cref="MaximumMeanDiscrepancy"/>; Long et al. 2015.</summary>
    Mmd,

    /// <summary><see cref="DeepCoral"/>; Sun and Saenko 2016.</summary>
    Coral,
}

/// <summary>Source loss plus a weight times the distance of the two domains' features.</summary>
/// <param name="parts">What is trained.</param>
/// <param name="optimiser">Of its parameters.</param>
/// <param name="distance">Which distance.</param>
/// <param name="weight">Its weight, ≥ 0, which <see cref="AdaptationAlgorithm.RampUp"/> raises from 0.</param>
/// <param name="steps">Steps of the whole fit.</param>
/// <param name="augmentation">Of its images; the weak one is used.</param>
/// <param name="task">What the source's labels ask; null: classes.</param>
public sealed class FeatureAlignment(
    EncoderWithHead parts, optim.Optimizer optimiser, FeatureDistance distance, double weight, long steps,
    Augmentation? augmentation = null,
    SourceTask? task = null)
    : AdaptationAlgorithm(parts, augmentation, task)
{
    /// <inheritdoc/>
    public override IReadOnlyList<optim.Optimizer> Optimisers { get; } = All(optimiser);

    /// <inheritdoc/>
    public override void Step(TensorBatch batch, TrainingStep step)
    {
        var (source, label, target) = Weak(batch);
        var (ofSource, ofTarget) = Features(source, target);
        var alike = Alignable(ofSource, label);
        var apart = distance switch
        {
            FeatureDistance.Mmd => MaximumMeanDiscrepancy.Value(alike, ofTarget),
            FeatureDistance.Coral => DeepCoral.Value(alike, ofTarget),
            _ => throw new ArgumentOutOfRangeException(nameof(distance), $"FeatureAlignment: expected Mmd or Coral, got {distance}."),
        };
        step.Measure("domain distance", apart.item<float>());
        step.Minimise(SourceLoss(ofSource, label, step) + weight * RampUp(step.Fit.Step, steps) * apart);
    }
}
