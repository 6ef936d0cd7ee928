using System;
using System.Collections.Generic;
using System.Linq;
using Hybrid.Models.Adaptation;
using Hybrid.Models.Training;
using TorchSharp;
using static TorchSharp.torch;

namespace Hybrid.Models.Systems.EinsteinRadius;

/// <summary>What ShiftNet found for a band.</summary>
/// <param name="Scale">Factor of the flux.</param>
/// <param name="Offset">Added, in units of the images' fluxes.</param>
/// <param name="PsfPixels">Deviation of the further PSF, pixels.</param>
/// <param name="Noise">Deviation of the further noise, in units of the images' fluxes.</param>
public sealed record BandShift(double Scale, double Offset, double PsfPixels, double Noise);

/// <summary>
/// ShiftNet: the shift between simulations and a real survey as few numbers in image space (<see cref="SurveyShift"/>), learnt from images
/// without labels by making the distance of shifted and real images small (<see cref="ImageDistance"/>). Networks are then trained on
/// shifted simulations. Images are asinh(flux): the shift works on sinh of them.
/// </summary>
public sealed class ShiftNet : IDisposable
{
    private readonly Tensor _frequencies;

    /// <param name="network">The shift; its own from now on.</param>
    /// <param name="size">Pixels of the images each way.</param>
    public ShiftNet(SurveyShift network, int size)
    {
        ArgumentNullException.ThrowIfNull(network);
        Network = network;
        var device = network.parameters().First().device;
        using var scope = NewDisposeScope();
        var square = fft.fftfreq(size, dtype: ScalarType.Float32, device: device).square();
        _frequencies = (square.unsqueeze(0) + square.unsqueeze(1)).DetachFromDisposeScope();
    }

    /// <summary>The shift.</summary>
    public SurveyShift Network { get; }

    /// <summary>Shifted images, with gradients by the shift's numbers where they are trained.</summary>
    /// <param name="image">asinh(flux), (B, 3, H, H).</param>
    public Tensor Shifted(Tensor image)
    {
        ArgumentNullException.ThrowIfNull(image);
        return Network.forward(image.sinh(), _frequencies, randn_like(image)).asinh();
    }

    /// <summary>What it found, a band each.</summary>
    public IReadOnlyList<BandShift> Bands
    {
        get
        {
            using var _ = no_grad();
            using var scope = NewDisposeScope();
            double[] Numbers(string key)
                => Network.named_parameters().First(p => p.name == key).parameter.flatten().cpu().to(ScalarType.Float64).data<double>()
                    .ToArray();
            var (scale, offset, width, noise) = (Numbers("log_scale"), Numbers("offset"), Numbers("log_width"), Numbers("log_noise"));
            return scale.Select((_, band) => new BandShift(
                Math.Exp(scale[band]), offset[band], Math.Exp(width[band]), Math.Exp(noise[band]))).ToArray();
        }
    }

    public void Dispose()
    {
        _frequencies.Dispose();
        Network.Dispose();
    }

    /// <summary>Learns the shift from batches with <c>source.image</c> and <c>target.image</c>.</summary>
    /// <param name="shift">What is trained.</param>
    /// <param name="optimiser">Of its numbers.</param>
    public sealed class Algorithm(ShiftNet shift, optim.Optimizer optimiser) : TrainingAlgorithm
    {
        /// <inheritdoc/>
        public override nn.Module Network => shift.Network;

        /// <inheritdoc/>
        public override string Name => nameof(ShiftNet);

        /// <inheritdoc/>
        public override IReadOnlyList<optim.Optimizer> Optimisers { get; } = [optimiser];

        /// <inheritdoc/>
        public override void Step(TensorBatch batch, TrainingStep step)
            => step.Minimise(ImageDistance.Of(shift.Shifted(batch["source.image"]), batch["target.image"]));
    }
}
