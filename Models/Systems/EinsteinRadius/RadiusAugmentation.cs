using System;
using System.Linq;
using Hybrid.Models.Adaptation;
using TorchSharp;
using static TorchSharp.torch;

namespace Hybrid.Models.Systems.EinsteinRadius;

/// <summary>Changes of images that leave θ_E; images are asinh(flux), (B, 3, H, H).</summary>
public static class RadiusAugmentation
{
    private const int LargestShift = 3;
    private const double BrightnessSpread = 0.4, ColourSpread = 0.15;

    /// <summary>
    /// Turned, reflected and shifted by up to three pixels, each eighth of a batch in its own way: batches are shuffled, so that a
    /// stretch of one is a random part of it.
    /// </summary>
    public static Tensor Turned(Tensor image)
    {
        ArgumentNullException.ThrowIfNull(image);
        var parts = image.chunk(ImageAugmentation.Turns);
        return cat([.. parts.Select(part => ImageAugmentation.TurnedAndShifted(part, LargestShift))]);
    }

    /// <summary>
    /// That, and for each image another factor of all fluxes and one of each band, both log-normal (deviations 0.4 and 0.15). Noise scales
    /// along, so that it may not say which field an image is of.
    /// </summary>
    public static Tensor Varied(Tensor image)
    {
        var turned = Turned(image);
        var rows = turned.size(0);
        var all = randn([rows, 1, 1, 1], device: turned.device) * BrightnessSpread;
        var bands = randn([rows, turned.size(1), 1, 1], device: turned.device) * ColourSpread;
        return (turned.sinh() * (all + bands).exp()).asinh();
    }
}
