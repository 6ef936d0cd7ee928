using System;
using Hybrid.Models.Training;
using TorchSharp;
using static TorchSharp.torch;

namespace Hybrid.Models.Adaptation;

/// <summary>What the source's labels ask of a network: classes by default, anything else by a loss of one's own.</summary>
/// <param name="Loss">Loss of the head's outputs (B, …) against the batch's <c>source.label</c>; it may measure.</param>
/// <param name="Share">How much more often a source label (B, …) occurs in the target than in the source, (B) ≥ 0, up to a factor: domains
/// are made alike on rows that are drawn by it, since where labels are distributed otherwise, features must be, too. Null: alike.</param>
public sealed record SourceTask(Func<Tensor, Tensor, TrainingStep, Tensor> Loss, Func<Tensor, Tensor>? Share = null)
{
    /// <summary>Cross-entropy of logits (B, C) against whole numbers (B); measures the accuracy.</summary>
    public static SourceTask Classification { get; } = new((logits, label, step) =>
    {
        using (no_grad())
            step.Measure("source accuracy", logits.argmax(1).eq(label).to(ScalarType.Float32).mean().item<float>());
        return nn.functional.cross_entropy(logits, label);
    });

    /// <summary>A loss that measures nothing.</summary>
    /// <param name="loss">Of outputs and labels.</param>
    /// <param name="share">As of <see cref="SourceTask"/>.</param>
    public static SourceTask Of(Func<Tensor, Tensor, Tensor> loss, Func<Tensor, Tensor>? share = null)
        => new((outputs, label, _) => loss(outputs, label), share);
}
