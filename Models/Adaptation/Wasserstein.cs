using System.Collections.Generic;
using Hybrid.Models.Training;
using TorchSharp;
using static TorchSharp.torch;

namespace Hybrid.Models.Adaptation;

/// <summary>
/// Wasserstein distance guided representation learning (WDGRL; Shen et al. 2018): a critic estimates the Wasserstein-1 distance of the
/// domains' features, held to slopes of 1 by a gradient penalty (Gulrajani et al. 2017); the encoder makes that distance small.
/// </summary>
/// <param name="parts">What is trained.</param>
/// <param name="critic">Features (B, F) to a number (B, 1), smooth enough to be differentiated twice; the caller's.</param>
/// <param name="optimiser">Of the parameters of encoder and head.</param>
/// <param name="ofCritic">Of the critic's.</param>
/// <param name="weight">Weight of the distance, ≥ 0, which <see cref="AdaptationAlgorithm.RampUp"/> raises from 0.</param>
/// <param name="steps">Steps of the whole fit.</param>
/// <param name="critics">Updates of the critic before each of the encoder, ≥ 1; five in the paper.</param>
/// <param name="augmentation">Of its images; the weak one is used.</param>
/// <param name="task">What the source's labels ask; null: classes.</param>
public sealed class Wasserstein(
    EncoderWithHead parts, nn.Module<Tensor, Tensor> critic, optim.Optimizer optimiser, optim.Optimizer ofCritic, double weight,
    long steps, int critics = 5, Augmentation? augmentation = null,
    SourceTask? task = null)
    : AdaptationAlgorithm(parts, augmentation, task)
{
    /// <inheritdoc/>
    public override nn.Module Network { get; } = new ModuleGroup(
        ("encoder", parts.Encoder), ("head", parts.Head), ("critic", critic));

    /// <inheritdoc/>
    public override IReadOnlyList<optim.Optimizer> Optimisers { get; } = All(optimiser, ofCritic);

    /// <inheritdoc/>
    public override void Step(TensorBatch batch, TrainingStep step)
    {
        var (source, label, target) = Weak(batch);
        var (ofSource, ofTarget) = Features(source, target);
        for (var i = 0; i < critics; i++)
        {
            var (s, t) = (ofSource.detach(), ofTarget.detach());
            // At places between the domains' features, and at both.
            var rows = System.Math.Min(s.size(0), t.size(0));
            var places = cat([s.narrow(0, 0, rows), t.narrow(0, 0, rows), GradientPenalty.Between(s, t)]);
            step.Minimise(GradientPenalty.Weight * GradientPenalty.Of(critic, places) - Distance(s, t), "critic", optimiser: 1);
        }
        var distance = Distance(ofSource, ofTarget);
        step.Measure("domain distance", distance.item<float>());
        step.Minimise(SourceLoss(ofSource, label, step) + weight * RampUp(step.Fit.Step, steps) * distance, "encoder");
    }

    private Tensor Distance(Tensor source, Tensor target) => critic.forward(source).mean() - critic.forward(target).mean();
}
