using System.Collections.Generic;
using Hybrid.Models.Training;
using TorchSharp;
using static TorchSharp.torch;

namespace Hybrid.Models.Adaptation;

/// <summary>
/// Adversarial discriminative domain adaptation (Tzeng et al. 2017): a trained source encoder stays as it is; a copy of it learns to make
/// target features that a discriminator takes for the source's. The head stays.
/// </summary>
public sealed class Adda : AdaptationAlgorithm
{
    private readonly EncoderWithHead _source;
    private readonly nn.Module<Tensor, Tensor> _discriminator;

    /// <param name="source">Trained on the source; it is not changed.</param>
    /// <param name="target">Of the same networks; it begins as a copy of the source's, and its encoder is trained.</param>
    /// <param name="discriminator">Features (B, F) to a logit (B, 1), above 0 for the source; the caller's.</param>
    /// <param name="optimiser">Of the target encoder's parameters.</param>
    /// <param name="ofDiscriminator">Of the discriminator's.</param>
    /// <param name="augmentation">Of its images; the weak one is used.</param>
    public Adda(
        EncoderWithHead source, EncoderWithHead target, nn.Module<Tensor, Tensor> discriminator, optim.Optimizer optimiser,
        optim.Optimizer ofDiscriminator, Augmentation? augmentation = null)
        : base(target, augmentation)
    {
        (_source, _discriminator) = (source, discriminator);
        target.CopyFrom(source);
        Network = new ModuleGroup(("encoder", target.Encoder), ("head", target.Head), ("discriminator", discriminator));
        Optimisers = All(optimiser, ofDiscriminator);
    }

    /// <inheritdoc/>
    public override nn.Module Network { get; }

    /// <inheritdoc/>
    public override IReadOnlyList<optim.Optimizer> Optimisers { get; }

    /// <inheritdoc/>
    public override void Step(TensorBatch batch, TrainingStep step)
    {
        var (source, _, target) = Weak(batch);
        Tensor ofSource;
        _source.Module.eval();
        using (no_grad()) ofSource = _source.Encoder.forward(source);
        var ofTarget = Parts.Encoder.forward(target);
        var loss = DomainLoss(_discriminator.forward(ofSource), true) + DomainLoss(_discriminator.forward(ofTarget.detach()), false);
        step.Minimise(loss, "discriminator", optimiser: 1);
        step.Minimise(DomainLoss(_discriminator.forward(ofTarget), true), "target encoder");
    }
}
