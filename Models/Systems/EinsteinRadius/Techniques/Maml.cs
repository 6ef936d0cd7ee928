using System;
using System.Collections.Generic;
using System.Linq;
using Hybrid.Models.Adaptation;
using Hybrid.Models.Engine;
using Hybrid.Models.Training;
using TorchSharp;
using static TorchSharp.torch;

namespace Hybrid.Models.Systems.EinsteinRadius;

/// <summary>
/// Model-agnostic meta-learning for a domain with few labels (Finn et al. 2017): the weights after one step of gradient descent on a batch
/// of simulations shall be right on outer data, k labelled images of the real domain. The outer gradient goes through the inner step
/// (second order), or takes the inner gradient as a constant (first order). The loss of the simulations is kept beside it, since k images
/// alone are learnt by heart.
/// </summary>
/// <param name="network">What is trained.</param>
/// <param name="functional">The same as a function of its weights.</param>
/// <param name="optimiser">Of its parameters.</param>
/// <param name="outer">Images (k, 3, H, H), k ≥ 2, and ln θ_E (k, 1): the caller's; see <see cref="OuterData"/>.</param>
/// <param name="innerRate">Learning rate of the inner step, &gt; 0.</param>
/// <param name="isFirstOrder">Whether second derivatives are left out.</param>
/// <param name="augmentation">Of images.</param>
public sealed class Maml(
    EncoderWithHead network, FunctionalRadius functional, optim.Optimizer optimiser, (Tensor Image, Tensor Target) outer, double innerRate,
    bool isFirstOrder, Augmentation augmentation)
    : TrainingAlgorithm
{
    /// <inheritdoc/>
    public override nn.Module Network => network.Module;

    /// <inheritdoc/>
    public override string Name => nameof(Maml);

    /// <inheritdoc/>
    public override IReadOnlyList<optim.Optimizer> Optimisers { get; } = [optimiser];

    /// <inheritdoc/>
    public override void Step(TensorBatch batch, TrainingStep step)
    {
        var (image, target) = (augmentation.Weak(batch["source.image"]), batch["source.label"]);
        var outerImage = augmentation.Weak(outer.Image);
        var inner = Loss(functional.Forward(functional.Parameters, image), target);
        var after = Adapted(functional.Parameters, inner, innerRate, isFirstOrder);
        Tensor ofOuter;
        // Statistics of k images are not the domain's.
        using (BatchStatistics.Kept(network.Module))
        {
            ofOuter = Loss(functional.Forward(after, outerImage), outer.Target);
            step.Measure("outer loss", ofOuter.item<float>());
            step.Minimise(inner + ofOuter);
        }
    }

    /// <summary>Weights after one step of gradient descent.</summary>
    /// <param name="weights">Before.</param>
    /// <param name="loss">A function of them, a single number.</param>
    /// <param name="rate">Of the step.</param>
    /// <param name="isFirstOrder">Whether the gradient counts as a constant in later derivatives.</param>
    public static Tensor[] Adapted(IReadOnlyList<Tensor> weights, Tensor loss, double rate, bool isFirstOrder)
    {
        ArgumentNullException.ThrowIfNull(weights);
        ArgumentNullException.ThrowIfNull(loss);
        var gradients = Gradients.Of([loss], weights, [loss.ones_like()], createGraph: !isFirstOrder);
        return weights.Zip(gradients, (weight, gradient) => weight - ((isFirstOrder ? gradient.detach() : gradient) * rate)).ToArray();
    }

    /// <summary>k places spread evenly over the targets: sorted by target, every ⌈n/k⌉th, as the original's outer data.</summary>
    /// <param name="targets">Of all labelled images.</param>
    /// <param name="k">How many, in [1, n].</param>
    /// <exception cref="ArgumentOutOfRangeException">There are fewer images than k.</exception>
    public static int[] OuterData(IReadOnlyList<double> targets, int k)
    {
        ArgumentNullException.ThrowIfNull(targets);
        if (k < 1 || k > targets.Count)
            throw new ArgumentOutOfRangeException(nameof(k), $"Maml.OuterData: expected k in [1, {targets.Count}], got {k}.");
        var space = (targets.Count + k - 1) / k;
        return Enumerable.Range(0, targets.Count).OrderBy(i => targets[i]).ThenBy(i => i).Where((_, rank) => rank % space == 0).ToArray();
    }

    private static Tensor Loss(Tensor outputs, Tensor target) => RadiusLosses.Value(RadiusLoss.BetaNll, outputs, target);
}
