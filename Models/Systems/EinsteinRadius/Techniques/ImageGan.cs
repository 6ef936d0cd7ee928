using System;
using System.Collections.Generic;
using System.Linq;
using Hybrid.Models.Adaptation;
using Hybrid.Models.Training;
using TorchSharp;
using static TorchSharp.torch;

namespace Hybrid.Models.Systems.EinsteinRadius;

/// <summary>
/// Simulations made to look real: a shift of few numbers (<see cref="ShiftNet"/>) and a small residual (<see cref="ImageTranslator"/>)
/// against a critic with gradient penalty (WGAN-GP; Gulrajani et al. 2017). A content loss holds the residual, blurred by five pixels, near
/// zero, so that it may add texture and noise but neither light nor arcs: θ_E stays. The distance of the sets' values and spectra
/// (<see cref="ImageDistance"/>) keeps the generator where a critic alone lets brightness wander.
/// </summary>
public sealed class ImageGan : IDisposable
{
    /// <summary>Weight of the image distance in the generator's loss.</summary>
    public const double DistanceWeight = 20;

    /// <param name="size">Pixels of the images each way.</param>
    /// <param name="device">Where it is.</param>
    public ImageGan(int size, Device device)
    {
        Shift = new ShiftNet(new SurveyShift(device: device), size);
        (Translator, Critic) = (new ImageTranslator(device: device), new ImageCritic(device: device));
        Module = new ModuleGroup(("shift", Shift.Network), ("translator", Translator), ("critic", Critic));
    }

    /// <summary>The shift in front of the residual.</summary>
    public ShiftNet Shift { get; }

    /// <summary>The residual.</summary>
    public ImageTranslator Translator { get; }

    /// <summary>Whose mean differs most between translated and real images.</summary>
    public ImageCritic Critic { get; }

    /// <summary>All three.</summary>
    public ModuleGroup Module { get; }

    /// <summary>Translated images.</summary>
    /// <param name="image">asinh(flux), (B, 3, H, H).</param>
    public Tensor Translated(Tensor image) => Parts(image).Translated;

    private (Tensor Shifted, Tensor Translated) Parts(Tensor image)
    {
        var shifted = Shift.Shifted(image);
        return (shifted, Translator.forward(shifted, randn_like(shifted)));
    }

    public void Dispose()
    {
        Shift.Dispose();
        Translator.Dispose();
        Critic.Dispose();
    }

    /// <summary>Learns from batches with <c>source.image</c> and <c>target.image</c>.</summary>
    /// <param name="gan">What is trained.</param>
    /// <param name="ofGenerator">Optimiser of shift and residual.</param>
    /// <param name="ofCritic">Of the critic.</param>
    /// <param name="critics">Updates of the critic before each of the generator, ≥ 1.</param>
    /// <param name="contentWeight">≥ 0.</param>
    public sealed class Algorithm(
        ImageGan gan, optim.Optimizer ofGenerator, optim.Optimizer ofCritic, int critics, double contentWeight) : TrainingAlgorithm
    {
        /// <inheritdoc/>
        public override nn.Module Network => gan.Module;

        /// <inheritdoc/>
        public override string Name => nameof(ImageGan);

        /// <inheritdoc/>
        public override IReadOnlyList<optim.Optimizer> Optimisers { get; } = [ofGenerator, ofCritic];

        /// <inheritdoc/>
        public override void Step(TensorBatch batch, TrainingStep step)
        {
            var (source, real) = (batch["source.image"], batch["target.image"]);
            for (var i = 0; i < critics; i++)
            {
                Tensor made;
                using (no_grad()) made = gan.Translated(source);
                var apart = gan.Critic.forward(real).mean() - gan.Critic.forward(made).mean();
                if (i == critics - 1) step.Measure("critic distance", apart.item<float>());
                var penalty = GradientPenalty.Of(gan.Critic, GradientPenalty.Between(made, real));
                step.Minimise((GradientPenalty.Weight * penalty) - apart, "critic", optimiser: 1);
            }
            var (shifted, translated) = gan.Parts(source);
            var light = nn.functional.avg_pool2d(translated - shifted, 5, stride: 1);
            var content = light.square().mean();
            step.Measure("content", content.item<float>());
            var apartNow = ImageDistance.Of(translated, real);
            step.Minimise(
                (contentWeight * content) + (DistanceWeight * apartNow) - gan.Critic.forward(translated).mean(), "generator");
        }
    }
}
