using System;
using System.Collections.Generic;
using Hybrid.Models.Training;
using TorchSharp;
using static TorchSharp.torch;

namespace Hybrid.Models.Adaptation;

/// <summary>
/// AdaMatch (Berthelot et al. 2022). Source images, weakly and strongly augmented, pass the network beside the target's and, without
/// touching running statistics, once more alone; their logits are interpolated at random between the two passes. Target pseudo-labels are
/// those of weak images, aligned with the source's class distribution; rows whose largest probability reaches τ times the source's mean
/// confidence teach the strong images. The target's weight μ rises over the whole fit.
/// </summary>
/// <param name="parts">What is trained.</param>
/// <param name="optimiser">Of its parameters.</param>
/// <param name="steps">Steps of the whole fit.</param>
/// <param name="threshold">τ, in (0, 1]; 0.9 in the paper.</param>
/// <param name="augmentation">Of its images, weak and strong.</param>
public sealed class AdaMatch(
    EncoderWithHead parts, optim.Optimizer optimiser, long steps, double threshold = 0.9, Augmentation? augmentation = null)
    : AdaptationAlgorithm(parts, augmentation)
{
    /// <inheritdoc/>
    public override IReadOnlyList<optim.Optimizer> Optimisers { get; } = All(optimiser);

    /// <summary>μ = ½ − ½ cos(min(π, 2π t/T)): 0 at the start, 1 from half of the fit on. Section 3.5.</summary>
    /// <param name="step">t, steps done over all epochs.</param>
    /// <param name="steps">T, of the whole fit.</param>
    public static double Weight(long step, long steps) => 0.5 - (0.5 * Math.Cos(Math.Min(Math.PI, 2 * Math.PI * step / steps)));

    /// <summary>
    /// Target probabilities times the ratio of the source's mean to the target's, each row scaled to sum 1 again. Section 3.3.
    /// </summary>
    /// <param name="target">(B, C) probabilities.</param>
    /// <param name="source">(B', C) probabilities.</param>
    public static Tensor Align(Tensor target, Tensor source)
    {
        ArgumentNullException.ThrowIfNull(target);
        ArgumentNullException.ThrowIfNull(source);
        const double Least = 1e-6; // a class that the target is never given
        var aligned = target * (source.mean([0L], keepdim: true) + Least) / (target.mean([0L], keepdim: true) + Least);
        return aligned / aligned.sum(1, keepdim: true);
    }

    /// <summary>c_τ = τ · the mean largest probability of weak source images. Section 3.4.</summary>
    /// <param name="source">(B, C) probabilities.</param>
    /// <param name="threshold">τ.</param>
    public static Tensor Confidence(Tensor source, double threshold)
    {
        ArgumentNullException.ThrowIfNull(source);
        return source.amax(1).mean() * threshold;
    }

    /// <inheritdoc/>
    public override void Step(TensorBatch batch, TrainingStep step)
    {
        var (image, label, target) = (batch["source.image"], batch["source.label"], batch["target.image"]);
        var source = cat([Augmentation.Weak(image), Augmentation.Strong(image)]);
        var (rows, n) = (image.size(0), source.size(0));
        var both = cat([source, Augmentation.Weak(target), Augmentation.Strong(target)]);
        var together = Parts.Outputs(both);
        using var kept = BatchStatistics.Kept(Parts.Module); // put back when the gradients are done
        var alone = Parts.Outputs(source);
        var share = rand_like(alone);
        var ofSource = (share * together.narrow(0, 0, n)) + ((1 - share) * alone);
        var (weak, strong) = (ofSource.narrow(0, 0, rows), ofSource.narrow(0, rows, n - rows));
        var targets = target.size(0);
        var (targetWeak, targetStrong) = (together.narrow(0, n, targets), together.narrow(0, n + targets, targets));

        Tensor labels, least;
        using (no_grad())
        {
            var confident = weak.softmax(1);
            labels = Align(targetWeak.softmax(1), confident);
            least = Confidence(confident, threshold).reshape(1);
            step.Measure("source accuracy", weak.argmax(1).eq(label).to(ScalarType.Float32).mean().item<float>());
            step.Measure("sure", (labels.amax(1) >= least).to(ScalarType.Float32).mean().item<float>());
        }
        var known = nn.functional.cross_entropy(weak, label) + nn.functional.cross_entropy(strong, label);
        step.Minimise(known + Weight(step.Fit.Step, steps) * PseudoLabel.Value(targetStrong, labels, least));
    }
}
