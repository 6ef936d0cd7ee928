using System;
using System.Collections.Generic;
using System.Linq;
using Hybrid.Data.Cache;
using Hybrid.Models.Training;
using TorchSharp;
using static TorchSharp.torch;

namespace Hybrid.Models.Adaptation;

/// <summary>
/// Trains a network for a domain without labels. Batches have <c>source.image</c>, <c>source.label</c> (what the task asks for: whole
/// numbers of classes (B) by default) and <c>target.image</c> (<see cref="BatchTransforms.Together"/>); no label of the target is read. The
/// networks belong to the caller.
/// </summary>
public abstract class AdaptationAlgorithm : TrainingAlgorithm
{
    /// <param name="parts">What is trained.</param>
    /// <param name="augmentation">Of its images; null: none.</param>
    /// <param name="task">What the source's labels ask; null: classes.</param>
    protected AdaptationAlgorithm(EncoderWithHead parts, Augmentation? augmentation, SourceTask? task = null)
    {
        ArgumentNullException.ThrowIfNull(parts);
        (Parts, Augmentation, Task) = (parts, augmentation ?? Augmentation.None, task ?? SourceTask.Classification);
    }

    public EncoderWithHead Parts { get; }

    public Augmentation Augmentation { get; }

    /// <summary>What the source's labels ask.</summary>
    public SourceTask Task { get; }

    /// <summary>What answers for the target domain after training.</summary>
    public virtual EncoderWithHead Predictor => Parts;

    /// <inheritdoc/>
    public override string Name => GetType().Name;

    /// <inheritdoc/>
    public override nn.Module Network => Parts.Module;

    /// <summary>Source and target images, weakly augmented, with the source's labels.</summary>
    protected (Tensor Source, Tensor Label, Tensor Target) Weak(TensorBatch batch)
        => (Augmentation.Weak(batch["source.image"]), batch["source.label"], Augmentation.Weak(batch["target.image"]));

    /// <summary>
    /// Features of both domains, each in a pass of its own: their batch normalisations see one domain at a time, which a prototype found to
    /// decide. Running statistics become a mixture that neither domain saw: take the target's after training
    /// (<see cref="BatchStatistics.Adapt(EncoderWithHead, Cache, int)"/>).
    /// </summary>
    protected (Tensor Source, Tensor Target) Features(Tensor source, Tensor target)
        => (Parts.Encoder.forward(source), Parts.Encoder.forward(target));

    /// <summary>Source features to make alike with the target's: as many rows, drawn by the task's share of their labels where it has one.
    /// </summary>
    protected Tensor Alignable(Tensor features, Tensor label)
    {
        ArgumentNullException.ThrowIfNull(features);
        if (Task.Share is null) return features;
        Tensor rows;
        using (no_grad()) rows = Task.Share(label).multinomial(features.size(0), replacement: true);
        return features.index_select(0, rows);
    }

    /// <summary>The task's loss of the head's outputs on source features.</summary>
    protected Tensor SourceLoss(Tensor features, Tensor label, TrainingStep step)
    {
        ArgumentNullException.ThrowIfNull(step);
        return Task.Loss(Parts.Head.forward(features), label, step);
    }

    /// <summary>A weight that rises smoothly from 0 to 1 over a fit: 2/(1 + e^(−10 p)) − 1, p the share done. Ganin and Lempitsky 2015,
    /// section 4.1.</summary>
    /// <param name="step">Steps done, ≥ 0.</param>
    /// <param name="steps">Of the whole fit, ≥ 1.</param>
    public static double RampUp(long step, long steps) => (2 / (1 + Math.Exp(-10 * Math.Min(1, (double)step / steps)))) - 1;

    /// <summary>The optimisers in one list.</summary>
    protected static IReadOnlyList<optim.Optimizer> All(params optim.Optimizer[] optimisers) => optimisers.ToArray();

    /// <summary>Binary cross-entropy of logits (B, 1) against one domain.</summary>
    protected static Tensor DomainLoss(Tensor logits, bool isSource)
        => nn.functional.binary_cross_entropy_with_logits(logits, isSource ? logits.ones_like() : logits.zeros_like());
}
