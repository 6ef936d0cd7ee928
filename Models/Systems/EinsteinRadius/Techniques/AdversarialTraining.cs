using System;
using System.Collections.Generic;
using Hybrid.Models.Adaptation;
using Hybrid.Models.Engine;
using Hybrid.Models.Training;
using TorchSharp;
using static TorchSharp.torch;

namespace Hybrid.Models.Systems.EinsteinRadius;

/// <summary>
/// Training on images and on the same images moved to where the loss is large: along the sign of its gradient once (FGSM; Goodfellow et al.
/// 2015, section 4) or in several steps from a random place (PGD; Madry et al. 2018, section 2.1), never further than ε in any pixel.
/// </summary>
/// <param name="network">What is trained.</param>
/// <param name="optimiser">Of its parameters.</param>
/// <param name="loss">Of outputs and targets.</param>
/// <param name="epsilon">Largest change of a pixel, in the images' unit, &gt; 0.</param>
/// <param name="steps">1: FGSM; more: PGD.</param>
/// <param name="augmentation">Of images.</param>
public sealed class AdversarialTraining(
    EncoderWithHead network, optim.Optimizer optimiser, RadiusLoss loss, double epsilon, int steps, Augmentation augmentation)
    : TrainingAlgorithm
{
    /// <inheritdoc/>
    public override nn.Module Network => network.Module;

    /// <inheritdoc/>
    public override string Name => nameof(AdversarialTraining);

    /// <inheritdoc/>
    public override IReadOnlyList<optim.Optimizer> Optimisers { get; } = [optimiser];

    /// <inheritdoc/>
    public override void Step(TensorBatch batch, TrainingStep step)
    {
        var (image, target) = (augmentation.Weak(batch["source.image"]), batch["source.label"]);
        Tensor moved;
        // The passes that look for the images leave no trace in running statistics.
        using (BatchStatistics.Kept(network.Module))
            moved = Perturbed(image, x => RadiusLosses.Value(loss, network.Outputs(x), target), epsilon, steps);
        var asIs = RadiusLosses.Value(loss, network.Outputs(image), target);
        var adversarial = RadiusLosses.Value(loss, network.Outputs(moved), target);
        step.Measure("adversarial loss", adversarial.item<float>());
        step.Minimise((asIs + adversarial) / 2);
    }

    /// <summary>Images within ε of others with a larger loss; without gradients.</summary>
    /// <param name="image">(B, …).</param>
    /// <param name="loss">Of images, a single number that is a sum or mean over them.</param>
    /// <param name="epsilon">Largest change of a pixel, &gt; 0.</param>
    /// <param name="steps">1: one step of ε along the gradient's sign. More: from a random place, steps of 2ε/steps.</param>
    public static Tensor Perturbed(Tensor image, Func<Tensor, Tensor> loss, double epsilon, int steps)
    {
        ArgumentNullException.ThrowIfNull(image);
        ArgumentNullException.ThrowIfNull(loss);
        if (!(epsilon > 0))
            throw new ArgumentOutOfRangeException(nameof(epsilon), $"AdversarialTraining: expected ε > 0, got {epsilon}.");
        if (steps < 1)
            throw new ArgumentOutOfRangeException(nameof(steps), $"AdversarialTraining: expected at least one step, got {steps}.");
        var start = image.detach();
        var rate = steps == 1 ? epsilon : 2 * epsilon / steps;
        var offset = steps == 1 ? start.zeros_like() : ((rand_like(start) * 2) - 1) * epsilon;
        for (var i = 0; i < steps; i++)
        {
            var place = (start + offset).detach().requires_grad_();
            var value = loss(place);
            var gradient = Gradients.Of([value], [place], [value.ones_like()])[0];
            offset = (offset + (gradient.sign() * rate)).clamp(-epsilon, epsilon).detach();
        }
        return start + offset;
    }
}
