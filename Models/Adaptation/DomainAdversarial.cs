using System.Collections.Generic;
using Hybrid.Models.Training;
using TorchSharp;
using static TorchSharp.torch;

namespace Hybrid.Models.Adaptation;

/// <summary>
/// A discriminator learns which domain features come from; the encoder learns to fail it, with the gradient reversed (DANN; Ganin and
/// Lempitsky 2015). Two updates a step: the discriminator's on features as they are, then the encoder's with minus the discriminator's
/// loss.
/// </summary>
/// <param name="parts">What is trained.</param>
/// <param name="discriminator">Features (B, F) to a logit (B, 1), above 0 for the source; the caller's.</param>
/// <param name="optimiser">Of the parameters of encoder and head.</param>
/// <param name="ofDiscriminator">Of the discriminator's.</param>
/// <param name="weight">Weight of the reversed gradient, ≥ 0, which <see cref="AdaptationAlgorithm.RampUp"/> raises from 0.</param>
/// <param name="steps">Steps of the whole fit.</param>
/// <param name="augmentation">Of its images; the weak one is used.</param>
/// <param name="task">What the source's labels ask; null: classes.</param>
public sealed class DomainAdversarial(
    EncoderWithHead parts, nn.Module<Tensor, Tensor> discriminator, optim.Optimizer optimiser, optim.Optimizer ofDiscriminator,
    double weight, long steps, Augmentation? augmentation = null,
    SourceTask? task = null)
    : AdaptationAlgorithm(parts, augmentation, task)
{
    /// <inheritdoc/>
    public override nn.Module Network { get; } = new ModuleGroup(
        ("encoder", parts.Encoder), ("head", parts.Head), ("discriminator", discriminator));

    /// <inheritdoc/>
    public override IReadOnlyList<optim.Optimizer> Optimisers { get; } = All(optimiser, ofDiscriminator);

    /// <inheritdoc/>
    public override void Step(TensorBatch batch, TrainingStep step)
    {
        var (source, label, target) = Weak(batch);
        var (ofSource, ofTarget) = Features(source, target);
        var alike = Alignable(ofSource, label);
        step.Minimise(Domains(alike.detach(), ofTarget.detach()), "discriminator", optimiser: 1);
        var reversed = weight * RampUp(step.Fit.Step, steps);
        step.Minimise(SourceLoss(ofSource, label, step) - reversed * Domains(alike, ofTarget), "encoder");
    }

    private Tensor Domains(Tensor source, Tensor target)
        => (DomainLoss(discriminator.forward(source), true) + DomainLoss(discriminator.forward(target), false)) / 2;
}
