using System.Collections.Generic;
using Hybrid.Models.Training;
using static TorchSharp.torch;

namespace Hybrid.Models.Adaptation;

/// <summary>No adaptation: the baseline, and on labelled target images the upper bound.</summary>
/// <param name="parts">What is trained.</param>
/// <param name="optimiser">Of its parameters.</param>
/// <param name="augmentation">Of its images; the weak one is used.</param>
/// <param name="task">What the source's labels ask; null: classes.</param>
public sealed class SourceOnly(EncoderWithHead parts, optim.Optimizer optimiser, Augmentation? augmentation = null,
    SourceTask? task = null)
    : AdaptationAlgorithm(parts, augmentation, task)
{
    /// <inheritdoc/>
    public override IReadOnlyList<optim.Optimizer> Optimisers { get; } = All(optimiser);

    /// <inheritdoc/>
    public override void Step(TensorBatch batch, TrainingStep step)
    {
        var features = Parts.Encoder.forward(Augmentation.Weak(batch["source.image"]));
        step.Minimise(SourceLoss(features, batch["source.label"], step));
    }
}
